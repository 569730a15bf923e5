import type { Clock } from '../../base/clock.js'

/** After this many restorations in a row somebody means it. */
const limit = 12

/** After this long without one, the next is the first again, milliseconds. */
const quietMs = 60_000

interface Tally {
  readonly count: number
  readonly last: number
}

/** Counts what is restored again and again, so that no two fight for ever. */
export class Patience {
  readonly #clock: Clock
  readonly #tallies = new Map<string, Tally>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many came before this one in a row; null: it is enough. */
  count(key: string): number | null {
    const now = this.#clock.monotonic()
    const tally = this.#tallies.get(key)
    const inARow = tally && now - tally.last < quietMs ? tally.count : 0
    if (inARow >= limit) return null
    this.#tallies.set(key, { count: inARow + 1, last: now })
    return inARow
  }

  /** All is forgiven. */
  renew(): void {
    this.#tallies.clear()
  }
}
