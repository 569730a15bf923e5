import type { Clock } from '../../base/clock.js'
import type { NameServer } from '../../system/dns.js'

export interface UpstreamView {
  readonly server: NameServer
  /** `down`: silent several times in a row; asked after the others. */
  readonly state: 'up' | 'down'
  readonly queries: number
  /** Without an answer in time, or refused. */
  readonly failures: number
  /** Of the last failure; empty when it answered since. */
  readonly problem: string
}

interface Record {
  queries: number
  failures: number
  silences: number
  problem: string
  /** Of the monotonic clock; when it is asked first again, if it is down. */
  retryAt: number
}

/** Silences in a row after which a server comes behind the others. */
const SILENCES = 3
const RETRY_MS = 10_000

/**
 * Which servers answer. The order of the configuration counts, as the first may
 * know names that the others do not; only one that keeps silent comes last, but
 * for one question every ten seconds.
 */
export class UpstreamHealth {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #records = new Map<string, Record>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** The order to ask in. */
  order(servers: readonly NameServer[]): readonly NameServer[] {
    const now = this.#clock.monotonic()
    const last = servers.filter((server) => {
      const record = this.#of(server)
      if (record.silences < SILENCES) return false
      if (now < record.retryAt) return true
      record.retryAt = now + RETRY_MS
      return false
    })
    return [...servers.filter((server) => !last.includes(server)), ...last]
  }

  asked(server: NameServer): void {
    this.#of(server).queries++
  }

  answered(server: NameServer): void {
    const record = this.#of(server)
    record.silences = 0
    record.problem = ''
  }

  /** It answered that it cannot or will not. */
  refused(server: NameServer, problem: string): void {
    const record = this.#of(server)
    record.silences = 0
    record.failures++
    record.problem = problem
  }

  /** It did not answer in time, or cannot be reached. */
  silent(server: NameServer, problem: string): void {
    const record = this.#of(server)
    record.silences++
    record.failures++
    record.problem = problem
    if (record.silences === SILENCES) {
      record.retryAt = this.#clock.monotonic() + RETRY_MS
    }
  }

  view(servers: readonly NameServer[]): readonly UpstreamView[] {
    return servers.map((server) => {
      const { queries, failures, silences, problem } = this.#of(server)
      const state = silences < SILENCES ? 'up' : 'down'
      return { server, state, queries, failures, problem }
    })
  }

  /** Forgets those that are asked no more. */
  keep(servers: readonly NameServer[]): void {
    const kept = new Set(servers.map(keyOf))
    for (const key of this.#records.keys()) {
      if (!kept.has(key)) this.#records.delete(key)
    }
  }

  #of(server: NameServer): Record {
    const key = keyOf(server)
    const present = this.#records.get(key)
    if (present !== undefined) return present
    const fresh = {
      queries: 0,
      failures: 0,
      silences: 0,
      problem: '',
      retryAt: 0,
    }
    this.#records.set(key, fresh)
    return fresh
  }
}

function keyOf({ address, port }: NameServer): string {
  return `${address} ${port}`
}
