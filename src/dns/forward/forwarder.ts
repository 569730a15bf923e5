import { randomInt } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { Clock } from '../../base/clock.js'
import type { DnsClient, NameServer } from '../../system/dns.js'
import type { Query, Transport } from '../request.js'
import { failureFor } from '../response.js'
import { AnswerCache } from './answer-cache.js'
import { isAnswerTo, isTruncated } from './answer-check.js'
import { firstAnswer } from './failover.js'
import { mapMessage, TYPE } from './message-map.js'
import { relay } from './relay.js'
import { UpstreamHealth } from './upstream-health.js'
import type { UpstreamView } from './upstream-health.js'
import { upstreamQuery, withId } from './upstream-query.js'
import type { UpstreamQuery } from './upstream-query.js'
import { Waiting } from './waiting.js'

export interface ForwarderParts {
  readonly clock: Clock
  readonly client: DnsClient
  /** Those to ask now, in order. */
  readonly servers: () => readonly NameServer[]
}

export interface Forwarded {
  readonly result: 'forwarded' | 'cached' | 'failed' | 'refused'
  readonly message: Uint8Array
}

/** Questions that are not ours: what others say about them, as long as it lives. */
export class Forwarder {
  readonly #parts: ForwarderParts
  readonly #cache: AnswerCache
  readonly #health: UpstreamHealth
  readonly #waiting = new Waiting()
  /** Questions under way: who asks the same waits for the same answer. */
  readonly #flights = new Map<string, Promise<Uint8Array | undefined>>()
  readonly #stopped = new AbortController()
  /** Counts the times that answers under way became those of servers before. */
  #generation = 0

  constructor(parts: ForwarderParts) {
    this.#parts = parts
    // One for each question under way; `Waiting` has the limit.
    setMaxListeners(0, this.#stopped.signal)
    this.#cache = new AnswerCache(parts.clock)
    this.#health = new UpstreamHealth(parts.clock)
  }

  /** At once what is known. Never rejects; failures are answers, too. */
  forward(query: Query, container: string): Forwarded | Promise<Forwarded> {
    const upstream = upstreamQuery(query)
    const cached = this.#cache.get(upstream.key)
    if (cached !== undefined) {
      const message = relay(query, cached.message, cached)
      if (message !== undefined) return { result: 'cached', message }
    }
    if (!this.#canAsk) return failed(query)
    if (!this.#waiting.enter(container)) {
      return { result: 'refused', message: failureFor(query, 'REFUSED') }
    }
    return this.#wait(keep(query), upstream, container)
  }

  /** Forgets all answers; returns how many there were. */
  flush(): number {
    return this.#cache.flush()
  }

  /** Answers of other servers may be others. */
  serversChanged(): void {
    this.#health.keep(this.#parts.servers())
    this.#generation++
    this.flush()
  }

  /** What is under way fails; sockets are closed. */
  stop(): void {
    this.#stopped.abort()
  }

  upstreams(): readonly UpstreamView[] {
    return this.#health.view(this.#parts.servers())
  }

  get cached(): number {
    return this.#cache.size
  }

  get waiting(): number {
    return this.#waiting.total
  }

  get #canAsk(): boolean {
    return this.#parts.servers().length > 0 && !this.#stopped.signal.aborted
  }

  async #wait(
    query: Query,
    upstream: UpstreamQuery,
    container: string,
  ): Promise<Forwarded> {
    try {
      const answer = await this.#fly(upstream, query.transport)
      const message = answer && relay(query, answer)
      return message ? { result: 'forwarded', message } : failed(query)
    } finally {
      this.#waiting.leave(container)
    }
  }

  #fly(
    upstream: UpstreamQuery,
    transport: Transport,
  ): Promise<Uint8Array | undefined> {
    const key = `${transport} ${upstream.key}`
    const present = this.#flights.get(key)
    if (present !== undefined) return present
    const flight = this.#ask(upstream, transport).finally(() => {
      this.#flights.delete(key)
    })
    this.#flights.set(key, flight)
    return flight
  }

  async #ask(
    { message, key }: UpstreamQuery,
    transport: Transport,
  ): Promise<Uint8Array | undefined> {
    const { clock, servers } = this.#parts
    const ask = (server: NameServer, signal: AbortSignal) =>
      this.#askOne(server, { message, transport, signal })
    const parts = { clock, health: this.#health, ask }
    const generation = this.#generation
    const answer = await firstAnswer(parts, servers(), this.#stopped.signal)
    if (answer !== undefined && generation === this.#generation) {
      this.#cache.put(key, answer)
    }
    return answer
  }

  /** Over UDP; and over TCP what was cut though the asker can take more. */
  async #askOne(
    server: NameServer,
    { message, transport, signal }: Asking,
  ): Promise<Uint8Array> {
    const { client } = this.#parts
    const sent = withId(message, randomInt(0x10000))
    const accepts = (answer: Uint8Array) => isAnswerTo(sent, answer)
    const exchange = { server, message: sent, accepts, signal }
    const answer = await client.exchange({ ...exchange, transport: 'udp' })
    const takesMore = transport === 'tcp' || (hasEdns(sent) && !hasEdns(answer))
    if (!isTruncated(answer) || !takesMore) return answer
    return client.exchange({ ...exchange, transport: 'tcp' })
  }
}

interface Asking {
  readonly message: Uint8Array
  readonly transport: Transport
  readonly signal: AbortSignal
}

/** A server without EDNS cuts at 512 bytes whatever it was asked (RFC 6891 section 7). */
function hasEdns(message: Uint8Array): boolean {
  const records = mapMessage(message)?.records ?? []
  return records.some(({ type }) => type === TYPE.OPT)
}

/** The bytes of a query may be gone when its answer comes. */
function keep(query: Query): Query {
  return { ...query, message: Uint8Array.from(query.message) }
}

function failed(query: Query): Forwarded {
  return { result: 'failed', message: failureFor(query, 'SERVFAIL') }
}
