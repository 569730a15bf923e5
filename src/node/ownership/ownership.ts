import type { Clock } from '../../base/clock.js'
import { isOvertapError } from '../../base/errors.js'
import { backoffMs } from '../../base/backoff.js'
import type { RecordChange } from '../../store/cluster-view.js'
import type { Snapshot } from '../../store/store.js'
import { concernOf } from './concerns.js'
import type { ConcernParts } from './concerns.js'
import { Patience } from './patience.js'
import { reassertNetwork } from './reassert.js'
import type { ReassertParts } from './reassert.js'

export interface OwnershipParts extends ReassertParts, ConcernParts {
  readonly view: ReassertParts['view'] & ConcernParts['view']
  readonly clock: Clock
  readonly membership: { resume(): Promise<void> }
  readonly registration: ConcernParts['registration'] & {
    /** Writes this host's record again. */
    reassert(): Promise<void>
    /** Never rejects. */
    renewNow(): Promise<void>
  }
}

/** Stands for this host's own record beside the ids of networks. */
const hostKey = 'host'

/**
 * Sees to it that what this host owns is in the store: at start, when the store
 * is back or lost its data, and whenever somebody deletes or overwrites a
 * record of its own. What this daemon deletes itself is not its own any more.
 */
export class Ownership {
  readonly #parts: OwnershipParts
  readonly #patience: Patience
  /** What is to be looked at soon, and what calls it off. */
  readonly #due = new Map<string, () => void>()
  #working: Promise<void> = Promise.resolve()
  #stopped = true

  constructor(parts: OwnershipParts) {
    this.#parts = parts
    this.#patience = new Patience(parts.clock)
  }

  start(): Promise<void> {
    this.#stopped = false
    return this.reassert()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const cancel of this.#due.values()) cancel()
    this.#due.clear()
    await this.#working
  }

  /** Looks at all that this host owns; never rejects. */
  reassert(): Promise<void> {
    this.#patience.renew()
    return this.#queue(() => this.#checkAll())
  }

  /** Acts on changed records. */
  apply(changes: readonly RecordChange[]): void {
    if (this.#stopped) return
    const { own } = this.#parts
    for (const change of changes) {
      const concern = concernOf(change, this.#parts)
      if (concern === null) continue
      if ('keep' in concern) this.#note(own.keepNetwork(concern.keep))
      else if ('forget' in concern)
        this.#note(own.forgetNetwork(concern.forget))
      else if (concern.check === 'host') this.#schedule(hostKey)
      else this.#schedule(concern.check.network)
    }
  }

  /** Each in a row waits for longer than the one before; too many end it. */
  #schedule(key: string): void {
    if (this.#stopped || this.#due.has(key)) return
    const { clock, log } = this.#parts
    const count = this.#patience.count(key)
    if (count === null) {
      const message =
        'own records are changed again and again; left as they are'
      log.error({ option: key }, message)
      return
    }
    const cancel = clock.after(backoffMs(count), () => {
      this.#due.delete(key)
      void this.#queue(async () => {
        await this.#check(key)
      })
    })
    this.#due.set(key, cancel)
  }

  /** One after the other, so that no two plan from the same snapshot. */
  #queue(task: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(() =>
      this.#stopped ? undefined : task(),
    )
    return this.#working
  }

  async #checkAll(): Promise<void> {
    const { own, store, attachments, membership, log } = this.#parts
    const networks = new Set([
      ...attachments.all().map(({ network }) => network.id),
      ...own.networks().map(({ id }) => id),
    ])
    let seen: Snapshot
    try {
      seen = await store.snapshot([])
      await membership.resume()
    } catch (error) {
      log.debug({ err: error }, 'own records are looked at when it is back')
      return
    }
    let complete = await this.#check(hostKey)
    for (const id of networks) {
      if (!(await this.#check(id))) complete = false
    }
    if (complete) this.#note(own.sawStore(seen))
  }

  /** False when it is not done; never rejects. */
  async #check(key: string): Promise<boolean> {
    const { registration, log } = this.#parts
    try {
      if (key === hostKey) await registration.reassert()
      else await reassertNetwork(key, this.#parts)
      return true
    } catch (error) {
      // When the store is back, all is looked at.
      if (isOvertapError(error, 'STORE_UNAVAILABLE')) return false
      if (isOvertapError(error, 'STORE_FENCED')) void registration.renewNow()
      else log.warn({ err: error, option: key }, 'own records are not restored')
      this.#schedule(key)
      return false
    }
  }

  #note(written: Promise<void>): void {
    written.catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'the journal cannot be written')
    })
  }
}
