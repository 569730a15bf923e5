import type { Clock } from '../../base/clock.js'
import type { NameServer } from '../../system/dns.js'
import { rcodeOf } from './answer-check.js'
import type { UpstreamHealth } from './upstream-health.js'

/** Before the next server is asked beside the one that is silent. */
export const PATIENCE_MS = 1000
/** In all: stubs ask again after 5 s (resolv.conf(5), timeout). */
export const TOTAL_MS = 4000

const RCODE = { SERVFAIL: 2, REFUSED: 5 } as const

export interface FailoverParts {
  readonly clock: Pick<Clock, 'after'>
  readonly health: UpstreamHealth
  /** Asks one server; rejects when it cannot be reached. */
  readonly ask: (server: NameServer, signal: AbortSignal) => Promise<Uint8Array>
}

/**
 * The first good answer. Servers are asked in order: the next one when one
 * fails, and beside one that is silent for a second; when all have been asked,
 * the silent ones again, as datagrams get lost. Undefined when all have failed,
 * or after four seconds.
 */
export function firstAnswer(
  parts: FailoverParts,
  servers: readonly NameServer[],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    new Race(parts, servers, signal, resolve).start()
  })
}

class Race {
  readonly #parts: FailoverParts
  readonly #end = new AbortController()
  readonly #resolve: (answer: Uint8Array | undefined) => void
  /** How often each has been asked; without those that failed. */
  readonly #asked: Map<NameServer, number>
  #cancelTotal = (): void => undefined
  #cancelNext = (): void => undefined

  constructor(
    parts: FailoverParts,
    servers: readonly NameServer[],
    signal: AbortSignal,
    resolve: (answer: Uint8Array | undefined) => void,
  ) {
    this.#parts = parts
    this.#asked = new Map(
      parts.health.order(servers).map((server) => [server, 0]),
    )
    this.#resolve = resolve
    const stop = (): void => {
      this.#finish(undefined)
    }
    signal.addEventListener('abort', stop, { signal: this.#end.signal })
  }

  start(): void {
    this.#cancelTotal = this.#parts.clock.after(TOTAL_MS, () => {
      this.#finish(undefined)
    })
    this.#next()
  }

  /** Asks the one that was asked least, in order. */
  #next(): void {
    this.#cancelNext()
    const [next] = [...this.#asked].sort(([, a], [, b]) => a - b)
    if (next === undefined) {
      this.#finish(undefined)
      return
    }
    const [server, times] = next
    this.#asked.set(server, times + 1)
    this.#parts.health.asked(server)
    this.#cancelNext = this.#parts.clock.after(PATIENCE_MS, () => {
      this.#parts.health.silent(server, 'no answer within a second')
      this.#next()
    })
    this.#parts.ask(server, this.#end.signal).then(
      (answer) => {
        this.#answered(server, answer)
      },
      (error: unknown) => {
        this.#failed(server, () => {
          this.#parts.health.silent(server, (error as Error).message)
        })
      },
    )
  }

  #answered(server: NameServer, answer: Uint8Array): void {
    const rcode = rcodeOf(answer)
    const failure = Object.entries(RCODE).find(([, code]) => code === rcode)
    if (failure === undefined) {
      this.#parts.health.answered(server)
      this.#finish(answer)
      return
    }
    this.#failed(server, () => {
      this.#parts.health.refused(server, `it answers ${failure[0]}`)
    })
  }

  /** Others that were asked may answer yet: only one that was not is asked now. */
  #failed(server: NameServer, note: () => void): void {
    if (this.#end.signal.aborted || !this.#asked.has(server)) return
    note()
    this.#asked.delete(server)
    const times = [...this.#asked.values()]
    if (times.length === 0 || times.includes(0)) this.#next()
  }

  #finish(answer: Uint8Array | undefined): void {
    if (this.#end.signal.aborted) return
    this.#cancelTotal()
    this.#cancelNext()
    this.#end.abort()
    this.#resolve(answer)
  }
}
