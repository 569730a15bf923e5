import type { Clock } from '../../base/clock.js'
import type { Config } from '../../base/config.js'
import type { LeaseState } from '../../store/store.js'
import { phaseOf } from './host-phase.js'
import type { HostPhase } from './host-phase.js'

/** A host that may be gone; one that gave up its lease has no `lease`. */
export interface HostSign {
  readonly host: string
  readonly lease: LeaseState | undefined
}

interface Late {
  readonly fence: number
  /** When it was first seen to be late, by `clock.monotonic`. */
  readonly since: number
}

/**
 * Says which hosts are gone. The store's clock alone would declare all of them
 * dead when it jumps, or when the store was away for long and nobody could
 * renew: so a host must also have been late under this daemon's eyes for as
 * long as it takes to be missed.
 */
export class HostWatch {
  readonly #clock: Clock
  readonly #times: Config['lease']
  #late = new Map<string, Late>()

  constructor(clock: Clock, times: Config['lease']) {
    this.#clock = clock
    this.#times = times
  }

  /** To be called with all hosts each time. */
  look(signs: readonly HostSign[]): ReadonlyMap<string, HostPhase> {
    const before = this.#late
    this.#late = new Map()
    return new Map(
      signs.map((sign) => [
        sign.host,
        this.#phase(sign, before.get(sign.host)),
      ]),
    )
  }

  /** The store was away or is another one: what was seen says nothing. */
  forget(): void {
    this.#late.clear()
  }

  #phase({ host, lease }: HostSign, before: Late | undefined): HostPhase {
    const byStore = phaseOf(lease, this.#times)
    if (byStore === 'up') return 'up'
    const now = this.#clock.monotonic()
    const fence = lease?.fence ?? 0
    const since = before?.fence === fence ? before.since : now
    this.#late.set(host, { fence, since })
    return this.#confirmed(byStore, now - since, lease !== undefined)
  }

  /** How long a host without a lease is gone, only this daemon can tell. */
  #confirmed(byStore: HostPhase, seenMs: number, hasLease: boolean): HostPhase {
    const { dead, hold } = this.#times
    if (byStore === 'suspect' || seenMs < dead) return 'suspect'
    const freed = hasLease ? byStore === 'freed' : seenMs >= dead + hold
    return freed ? 'freed' : 'dead'
  }
}
