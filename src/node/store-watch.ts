import type { Logger } from '../base/log.js'
import type { Replica, StoreLoss } from '../store/replica.js'
import type { Store, StoreState } from '../store/store.js'
import type { EventLog } from './events/event-log.js'

export interface StoreWatchParts {
  readonly store: Store
  readonly view: Pick<Replica, 'onDrift' | 'onLoss' | 'onSettled'>
  readonly events: EventLog
  readonly log: Logger
  /** What has to be done when the store is back, or is not what it was. */
  readonly onBack: () => Promise<void>
}

/** Says once when the store goes away, is back, lost its data, has settled. */
export class StoreWatch {
  readonly #parts: StoreWatchParts
  #forget: readonly (() => void)[] = []

  constructor(parts: StoreWatchParts) {
    this.#parts = parts
  }

  start(): void {
    const { store, view, events, log } = this.#parts
    this.#forget = [
      store.onStateChange((state) => {
        this.#report(state)
      }),
      view.onLoss((loss) => {
        this.#reportLoss(loss)
      }),
      view.onSettled(() => {
        const message =
          'the store has settled: networks and addresses are given again'
        log.info({}, message)
        events.record('store-settled', message)
      }),
      // The replica has logged it.
      view.onDrift(({ changes }) => {
        const message = `${changes.length} records here differed from the store's; corrected`
        events.record('drift-repaired', message)
      }),
    ]
  }

  stop(): void {
    for (const forget of this.#forget) forget()
  }

  #report(state: StoreState): void {
    const { events, log } = this.#parts
    if (state === 'reconnecting') {
      const message = 'the store is away: traffic goes on, changes are refused'
      log.warn({}, message)
      events.record('store-lost', message)
      return
    }
    log.info({}, 'the store is back')
    events.record('store-back', 'the store is back')
    this.#recover()
  }

  #reportLoss({ vanished, settlesInMs }: StoreLoss): void {
    const { events, log } = this.#parts
    const message = `the store lost data: ${vanished} records are missing; nothing new is given for ${Math.ceil(settlesInMs / 1000)} s`
    log.warn({}, message)
    events.record('store-replaced', message)
    this.#recover()
  }

  #recover(): void {
    const { log, onBack } = this.#parts
    onBack().catch((error: unknown) => {
      log.error({ err: error }, 'leftovers are not cleaned up')
    })
  }
}
