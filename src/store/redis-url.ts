import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { errors } from '../base/errors.js'

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Where Redis is and how to log in: what a store URL says. */
export interface RedisTarget extends Location, Login {
  /** Sentinels have a password of their own. */
  readonly sentinelPassword: string | undefined
  readonly tls: ConnectionOptions | undefined
  /** The URL without its passwords. */
  readonly description: string
}

interface Location {
  readonly kind: 'tcp' | 'unix' | 'sentinel' | 'cluster'
  /** One for `tcp`, none for `unix`; Sentinels or cluster nodes else. */
  readonly hosts: readonly HostPort[]
  /** Path of the socket, for `unix`. */
  readonly path?: string
  /** Name of the master group, for `sentinel`. */
  readonly master?: string
  readonly db: number
}

interface Login {
  readonly username: string | undefined
  readonly password: string | undefined
}

const shape =
  /^(?<scheme>[a-z-]+):\/\/(?:(?<login>[^/]*)@)?(?<hosts>[^/?@]*)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/

const schemes = new Map<string, { kind: Location['kind']; secure: boolean }>([
  ['redis', { kind: 'tcp', secure: false }],
  ['rediss', { kind: 'tcp', secure: true }],
  ['unix', { kind: 'unix', secure: false }],
  ['redis-sentinel', { kind: 'sentinel', secure: false }],
  ['rediss-sentinel', { kind: 'sentinel', secure: true }],
  ['redis-cluster', { kind: 'cluster', secure: false }],
  ['rediss-cluster', { kind: 'cluster', secure: true }],
])

const parameters = ['username', 'password', 'sentinelPassword', 'db'] as const
const tlsFiles = ['ca', 'cert', 'key'] as const

type Query = Readonly<Record<string, string>>

/**
 * Reads a store URL:
 *
 *     redis://[[user]:password@]host[:port][/db]      rediss:// for TLS
 *     unix:///path/to.sock[?password=...&db=...]
 *     redis-sentinel://[[user]:password@]h1:p1,h2:p2/master[/db]
 *     redis-cluster://[[user]:password@]h1:p1,h2:p2
 *
 * `rediss-sentinel` and `rediss-cluster` use TLS. Parameters: `username`,
 * `password`, `sentinelPassword`, `db`, and with TLS `ca`, `cert` and `key`,
 * paths of PEM files. Throws CONFIG_INVALID.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const parts = shape.exec(url)?.groups
  const { scheme = '', login, hosts = '', path = '', query } = parts ?? {}
  const known = schemes.get(scheme)
  if (!known) {
    throw invalid(
      'expected redis://, rediss://, unix://, redis-sentinel:// or redis-cluster://',
    )
  }
  const options = readQuery(query, known.secure)
  const user = readLogin(login, options)
  const shownUser = user.username === undefined ? '' : `${user.username}@`
  return {
    ...readLocation(known.kind, hosts, path, options['db']),
    ...user,
    sentinelPassword: options['sentinelPassword'],
    tls: known.secure ? readTls(options) : undefined,
    description: `${scheme}://${shownUser}${hosts}${path}`,
  }
}

function readLocation(
  kind: Location['kind'],
  hosts: string,
  path: string,
  dbParameter: string | undefined,
): Location {
  const segments = path.split('/').slice(1)
  switch (kind) {
    case 'unix':
      if (hosts !== '' || path.length < 2) {
        throw invalid('expected unix:///path/to.sock, with three slashes')
      }
      return { kind, hosts: [], path: decode(path), db: readDb(dbParameter) }
    case 'sentinel': {
      const master = decode(segments.shift() ?? '')
      if (master === '') {
        throw invalid('a Sentinel URL names the master: /mymaster')
      }
      const db = readDbPath(segments, dbParameter)
      return { kind, hosts: readHosts(hosts, 26379), master, db }
    }
    case 'cluster':
      if (readDbPath(segments, dbParameter) !== 0) {
        throw invalid('Redis Cluster has only database 0')
      }
      return { kind, hosts: readHosts(hosts, 6379), db: 0 }
    case 'tcp':
      return {
        kind,
        hosts: [readHost(hosts, 6379)],
        db: readDbPath(segments, dbParameter),
      }
  }
}

function readHosts(text: string, defaultPort: number): HostPort[] {
  return text.split(',').map((host) => readHost(host, defaultPort))
}

function readHost(text: string, defaultPort: number): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:,[\]]+))(?::(\d+))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3] ?? defaultPort)
  if (host === undefined || port < 1 || port > 65535) {
    throw invalid(text === '' ? 'no host' : `${text}: not a host and port`)
  }
  return { host, port }
}

function readDbPath(
  segments: readonly string[],
  dbParameter: string | undefined,
): number {
  return readDb(segments.join('/') || dbParameter)
}

function readDb(text = '0'): number {
  if (!/^\d{1,5}$/.test(text)) {
    throw invalid(`${text}: not a database number`)
  }
  return Number(text)
}

function readLogin(login: string | undefined, options: Query): Login {
  const [, username, password] = /^([^:]*)(?::(.*))?$/.exec(login ?? '') ?? []
  return {
    username: username ? decode(username) : options['username'],
    password: password === undefined ? options['password'] : decode(password),
  }
}

function readQuery(query = '', tls: boolean): Query {
  const known: readonly string[] = tls
    ? [...parameters, ...tlsFiles]
    : parameters
  const options = Object.fromEntries(new URLSearchParams(query))
  const stranger = Object.keys(options).find((name) => !known.includes(name))
  if (stranger !== undefined) {
    throw invalid(`unknown parameter ${stranger}; known: ${known.join(', ')}`)
  }
  return options
}

function readTls(options: Query): ConnectionOptions {
  const files = tlsFiles.flatMap((name) => {
    const path = options[name]
    return path === undefined ? [] : [[name, readPem(path)] as const]
  })
  return Object.fromEntries(files)
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw invalid(`cannot read ${path}: ${(error as Error).message}`)
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('a % must be written %25')
  }
}

function invalid(problem: string) {
  return errors.CONFIG_INVALID('store', problem)
}
