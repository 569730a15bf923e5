import { randomUUID } from 'node:crypto'
import { backoff } from '../base/backoff.js'
import { openClient, unavailable, type RedisClient } from './redis-client.js'
import { SideConnection } from './redis-side-connection.js'
import {
  commandName,
  type ScriptCalls,
  type ScriptName,
} from './redis-scripts.js'
import type { RedisTarget } from './redis-url.js'
import type { StoreState } from './store.js'

/** How long a call may wait for Redis before it fails. */
const COMMAND_TIMEOUT_MS = 2000

/**
 * The connection that calls go over. Once connected it comes back by itself
 * for ever; while it is away calls fail at once instead of queueing.
 */
export class RedisConnection {
  readonly #target: RedisTarget
  readonly #prefix: string
  readonly #closing = new AbortController()
  readonly #listeners = new Set<(state: StoreState) => void>()
  readonly #side: SideConnection
  #client: RedisClient | undefined
  #state: StoreState = 'reconnecting'
  /** Why there is no client. */
  #problem: unknown = 'not connected yet'

  constructor(target: RedisTarget, prefix: string) {
    this.#target = target
    this.#prefix = prefix
    this.#side = new SideConnection(target)
  }

  get state(): StoreState {
    return this.#state
  }

  onStateChange(listener: (state: StoreState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Rejects with STORE_UNAVAILABLE, then retries nothing. */
  async connect(): Promise<void> {
    try {
      this.#use(await this.#open())
    } catch (error) {
      throw unavailable(error)
    }
  }

  close(): void {
    this.#closing.abort()
    this.#client?.disconnect()
    this.#client = undefined
    this.#side.close('closed')
    this.#problem = 'closed'
  }

  /** Rejects with STORE_UNAVAILABLE. */
  async run<N extends ScriptName>(
    script: N,
    request: ScriptCalls[N]['request'],
  ): Promise<ScriptCalls[N]['reply']> {
    const client = this.#client
    if (!client) throw unavailable(this.#problem)
    try {
      return await runScript(client, script, this.#prefix, request)
    } catch (error) {
      if (isDeadEnd(error)) this.#lose(client, error)
      throw unavailable(error)
    }
  }

  /**
   * For a long answer: on a connection of its own, so that it holds up no other
   * call. Rejects with STORE_UNAVAILABLE.
   */
  async runAside<N extends ScriptName>(
    script: N,
    request: ScriptCalls[N]['request'],
  ): Promise<ScriptCalls[N]['reply']> {
    if (!this.#client) throw unavailable(this.#problem)
    try {
      return await this.#side.use((client) =>
        runScript(client, script, this.#prefix, request),
      )
    } catch (error) {
      throw unavailable(error)
    }
  }

  #open(): Promise<RedisClient> {
    return openClient(this.#target, COMMAND_TIMEOUT_MS, this.#closing.signal)
  }

  #use(client: RedisClient): void {
    this.#client = client
    client.once('end', () => {
      this.#lose(client, 'the connection was closed')
    })
    this.#setState('connected')
  }

  #lose(client: RedisClient, problem: unknown): void {
    if (client !== this.#client) return
    this.#client = undefined
    this.#problem = problem
    client.disconnect()
    this.#side.close(problem)
    this.#setState('reconnecting')
    void this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing
    for (let attempt = 0; ; attempt++) {
      await backoff(attempt, signal)
      if (signal.aborted) return
      try {
        this.#use(await this.#open())
        return
      } catch (error) {
        this.#problem = error
      }
    }
  }

  #setState(state: StoreState): void {
    if (state === this.#state) return
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }
}

/** The raw call, on any client made by `openClient`. */
export function runScript<N extends ScriptName>(
  client: RedisClient,
  script: N,
  prefix: string,
  request: ScriptCalls[N]['request'],
): Promise<ScriptCalls[N]['reply']> {
  const commands = client as unknown as Record<
    string,
    (...args: string[]) => Promise<ScriptCalls[N]['reply']>
  >
  const command = commands[commandName(script)]
  if (!command) throw new TypeError(`client without script ${script}`)
  return command.call(client, prefix, randomUUID(), JSON.stringify(request))
}

/**
 * Errors after which the same connection would not work again: a peer that has
 * gone silent, or a master that a failover has made a replica.
 */
function isDeadEnd(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Command timed out|READONLY|MASTERDOWN/.test(error.message)
  )
}
