import { abortable } from './abortable.js'
import { openClient, type RedisClient } from './redis-client.js'
import type { RedisTarget } from './redis-url.js'

/** How long a call may take whose answer may be large: a network's records. */
const LONG_COMMAND_TIMEOUT_MS = 30_000

/**
 * A connection for long answers, so that they hold up no other call. It is
 * opened when it is needed and kept until something goes wrong.
 */
export class SideConnection {
  readonly #target: RedisTarget
  #opened: Promise<RedisClient> | undefined
  #closing = new AbortController()

  constructor(target: RedisTarget) {
    this.#target = target
  }

  /** Rejects with whatever went wrong; the next use opens another one. */
  async use<T>(call: (client: RedisClient) => Promise<T>): Promise<T> {
    const { signal } = this.#closing
    const opened = (this.#opened ??= this.#open(signal))
    try {
      return await abortable(opened.then(call), signal)
    } catch (error) {
      if (this.#opened === opened) this.close(error)
      throw error
    }
  }

  /** Calls that are under way reject with this reason. */
  close(reason: unknown): void {
    const opened = this.#opened
    this.#opened = undefined
    this.#closing.abort(reason)
    this.#closing = new AbortController()
    opened?.then(
      (client) => {
        client.disconnect()
      },
      () => undefined,
    )
  }

  async #open(signal: AbortSignal): Promise<RedisClient> {
    const client = await openClient(
      this.#target,
      LONG_COMMAND_TIMEOUT_MS,
      signal,
    )
    client.once('end', () => {
      if (!signal.aborted) this.close(new Error('the connection was closed'))
    })
    return client
  }
}
