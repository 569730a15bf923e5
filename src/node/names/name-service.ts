import type { Clock } from '../../base/clock.js'
import { Forwarder } from '../../dns/forward/forwarder.js'
import type { Forwarded } from '../../dns/forward/forwarder.js'
import type { Query, Transport } from '../../dns/request.js'
import { resolve } from '../../dns/resolver.js'
import { failureFor } from '../../dns/response.js'
import type { RecordChange } from '../../store/cluster-view.js'
import type { System } from '../../system/system.js'
import type { NameResult, NameStatus } from '../use-cases.js'
import type { Asker } from './asker.js'
import { Upstreams } from './upstreams.js'
import type { UpstreamsParts } from './upstreams.js'

export interface NameServiceParts extends UpstreamsParts {
  readonly system: System
  readonly clock: Clock
}

/** Answers DNS messages of containers, whichever way they come. */
export class NameService {
  readonly #upstreams: Upstreams
  readonly #forwarder: Forwarder
  readonly #late = new Set<Promise<Uint8Array>>()
  readonly #results: Record<NameResult, number> = {
    answered: 0,
    nxdomain: 0,
    forwarded: 0,
    cached: 0,
    failed: 0,
    refused: 0,
    malformed: 0,
  }
  readonly #transports: Record<Transport, number> = { udp: 0, tcp: 0 }

  constructor(parts: NameServiceParts) {
    this.#upstreams = new Upstreams(parts, () => {
      this.#forwarder.serversChanged()
    })
    this.#forwarder = new Forwarder({
      clock: parts.clock,
      client: parts.system.dns,
      servers: () => this.#upstreams.servers(),
    })
  }

  start(): Promise<void> {
    return this.#upstreams.start()
  }

  /** Resolves when all that waited have their answers. */
  async stop(): Promise<void> {
    this.#upstreams.stop()
    this.#forwarder.stop()
    await Promise.allSettled(this.#late)
  }

  apply(changes: readonly RecordChange[]): void {
    this.#upstreams.apply(changes)
  }

  /**
   * The answer to a message, now or when others have told it; undefined for
   * what is not to be answered. Never rejects. The bytes of the message are not
   * used after the call.
   */
  answer(
    message: Uint8Array,
    asker: Asker,
    transport: Transport,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#transports[transport]++
    const resolution = resolve(message, asker.zones, { transport })
    switch (resolution.kind) {
      case 'answer':
        this.#results[resultOf(resolution.rcode)]++
        return resolution.message
      case 'not-ours':
        return this.#askOthers(resolution.query, asker)
      case 'ignore':
        this.#results.malformed++
        return undefined
    }
  }

  /** Forgets what upstreams said; returns how many answers that were. */
  flush(): number {
    return this.#forwarder.flush()
  }

  status(): NameStatus {
    return {
      results: { ...this.#results },
      transports: { ...this.#transports },
      upstreams: this.#forwarder.upstreams(),
      problem: this.#upstreams.problem,
      cachedAnswers: this.#forwarder.cached,
      waiting: this.#forwarder.waiting,
    }
  }

  /**
   * Who is on internal networks only sees no names outside, and is told that
   * there are none rather than refused: stubs take it for the answer at once.
   */
  #askOthers(
    query: Query,
    { container, forwards }: Asker,
  ): Uint8Array | Promise<Uint8Array> {
    if ((query.question.class ?? 'IN') !== 'IN') {
      return this.#failure(query, 'REFUSED')
    }
    if (!forwards) return this.#failure(query, 'NXDOMAIN')
    const forwarded = this.#forwarder.forward(query, container)
    if (!(forwarded instanceof Promise)) return this.#counted(forwarded)
    const late = forwarded.then((answer) => {
      this.#late.delete(late)
      return this.#counted(answer)
    })
    this.#late.add(late)
    return late
  }

  #failure(query: Query, rcode: 'REFUSED' | 'NXDOMAIN'): Uint8Array {
    this.#results[rcode === 'REFUSED' ? 'refused' : 'nxdomain']++
    return failureFor(query, rcode)
  }

  #counted({ result, message }: Forwarded): Uint8Array {
    this.#results[result]++
    return message
  }
}

function resultOf(rcode: string): NameResult {
  if (rcode === 'NOERROR') return 'answered'
  return rcode === 'NXDOMAIN' ? 'nxdomain' : 'malformed'
}
