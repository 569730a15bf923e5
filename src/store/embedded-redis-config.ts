import { join } from 'node:path'
import { errors } from '../base/errors.js'

/** A TCP address for daemons of other hosts. */
export interface RedisListen {
  readonly address: string
  readonly port: number
  /** Without one, whoever reaches the address rules the overlay. */
  readonly password?: string
}

export interface RedisFiles {
  readonly directory: string
  readonly socket: string
  readonly config: string
}

/** Longest path of a unix socket: sun_path without its final zero, unix(7). */
const LONGEST_SOCKET_PATH = 107

/** Throws CONFIG_INVALID for a directory too deep for a socket. */
export function redisFiles(directory: string): RedisFiles {
  const socket = join(directory, 'redis.sock')
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_PATH) {
    const limit = `longer than ${LONGEST_SOCKET_PATH} bytes`
    throw errors.CONFIG_INVALID('state', `${socket} is ${limit}`)
  }
  return { directory, socket, config: join(directory, 'redis.conf') }
}

/** How the daemon itself reaches the server: see `parseRedisUrl`. */
export function redisUrl(files: RedisFiles, listen?: RedisListen): string {
  const path = files.socket.split('/').map(encodeURIComponent).join('/')
  const password = listen?.password
  return password === undefined
    ? `unix://${path}`
    : `unix://${path}?password=${encodeURIComponent(password)}`
}

/**
 * The server's redis.conf. A write is in the kernel's hands before it is
 * answered and on the disk a second later; nothing is ever evicted.
 */
export function redisConfig(files: RedisFiles, listen?: RedisListen): string {
  return [
    '# Written by overtapd at each start.',
    'daemonize no',
    `dir ${quote(files.directory)}`,
    `unixsocket ${quote(files.socket)}`,
    'unixsocketperm 700',
    ...listenLines(listen),
    'databases 1',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    '',
  ].join('\n')
}

function listenLines(listen: RedisListen | undefined): string[] {
  if (!listen) return ['port 0']
  return [
    `bind ${listen.address}`,
    `port ${listen.port}`,
    // It would refuse other hosts as long as there is no password.
    'protected-mode no',
    ...(listen.password === undefined
      ? []
      : [`requirepass ${quote(listen.password)}`]),
  ]
}

/** As redis.conf wants it: double quotes, escapes as in C. */
function quote(text: string): string {
  return JSON.stringify(text)
}
