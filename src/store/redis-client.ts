import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { errors, type OvertapError } from '../base/errors.js'
import { abortable } from './abortable.js'
import { connectFailure } from './redis-failure.js'
import { scriptCommands } from './redis-scripts.js'
import type { RedisTarget } from './redis-url.js'

export type RedisClient = Redis | Cluster

const CONNECT_TIMEOUT_MS = 2000
/** For name lookup, connecting, logging in and waiting for a loading server. */
const OPEN_TIMEOUT_MS = 5000

/**
 * Opens one connection, once: ioredis is told to retry and to queue nothing,
 * because its callers must know at once when Redis is away, and each has a loop
 * of its own for coming back. The client ends ('end') with its connection.
 *
 * `commandTimeoutMs` bounds the wait for each reply. Rejects with an Error whose
 * message is the reason, for \`unavailable\`; then nothing is left behind.
 */
export async function openClient(
  target: RedisTarget,
  commandTimeoutMs: number,
  signal?: AbortSignal,
): Promise<RedisClient> {
  const deadline = AbortSignal.timeout(OPEN_TIMEOUT_MS)
  const client = createClient(target, commandTimeoutMs)
  let problem: Error | undefined
  // connect() rejects with "closed"; the first error event tells why. The
  // listener also stays for later, as an 'error' nobody hears would be printed.
  const note = (error: Error) => {
    problem ??= error
  }
  client.on('error', note)
  client.on('node error', note) // only Cluster has it
  try {
    const stop = signal ? AbortSignal.any([signal, deadline]) : deadline
    await abortable(client.connect(), stop)
    return client
  } catch (error) {
    client.disconnect()
    if (problem === undefined && deadline.aborted) {
      throw new Error('no answer in time', { cause: error })
    }
    throw connectFailure(target, problem ?? (error as Error))
  }
}

/** STORE_UNAVAILABLE with the reason, from whatever ioredis or Node threw. */
export function unavailable(error: unknown): OvertapError {
  return errors.STORE_UNAVAILABLE(reason(error))
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A name with several addresses, all refused: the message is empty.
  if (error instanceof AggregateError) return reason(error.errors[0])
  return error.message
}

function createClient(
  target: RedisTarget,
  commandTimeoutMs: number,
): RedisClient {
  const options = commonOptions(target, commandTimeoutMs)
  const own = {
    lazyConnect: true,
    enableOfflineQueue: false,
    scripts: scriptCommands,
  }
  if (target.kind === 'cluster') {
    return new Cluster([...target.hosts], {
      ...own,
      redisOptions: options,
      clusterRetryStrategy: null,
    })
  }
  return new Redis({
    ...options,
    ...own,
    retryStrategy: null,
    ...whereabouts(target),
  })
}

function whereabouts(target: RedisTarget): RedisOptions {
  if (target.kind === 'sentinel') return sentinelOptions(target)
  if (target.path !== undefined) return { path: target.path }
  return { ...target.hosts[0] }
}

function commonOptions(
  target: RedisTarget,
  commandTimeoutMs: number,
): RedisOptions {
  return {
    connectionName: 'overtap',
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: commandTimeoutMs,
    // Finds a host that vanished without a word, within the kernel's patience.
    keepAlive: 10_000,
    disableClientInfo: true,
    autoResendUnfulfilledCommands: false,
    db: target.db,
    username: target.username,
    password: target.password,
    ...(target.tls && { tls: target.tls }),
  }
}

function sentinelOptions(target: RedisTarget): RedisOptions {
  return {
    sentinels: [...target.hosts],
    name: target.master,
    sentinelPassword: target.sentinelPassword,
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    sentinelRetryStrategy: () => null,
    ...(target.tls && {
      enableTLSForSentinelMode: true,
      sentinelTLS: target.tls,
    }),
  }
}
