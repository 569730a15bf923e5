import type { Logger } from '../base/log.js'
import type { Store, StoreState } from '../store/store.js'
import type { EventLog } from './events/event-log.js'

export interface StoreWatchParts {
  readonly store: Store
  readonly events: EventLog
  readonly log: Logger
  /** What has to be done when the store is back. */
  readonly onBack: () => Promise<void>
}

/** Says once when the store goes away and once when it is back. */
export class StoreWatch {
  readonly #parts: StoreWatchParts
  #forget: () => void = () => undefined

  constructor(parts: StoreWatchParts) {
    this.#parts = parts
  }

  start(): void {
    this.#forget = this.#parts.store.onStateChange((state) => {
      this.#report(state)
    })
  }

  stop(): void {
    this.#forget()
  }

  #report(state: StoreState): void {
    const { events, log, onBack } = this.#parts
    if (state === 'reconnecting') {
      const message = 'the store is away: traffic goes on, changes are refused'
      log.warn({}, message)
      events.record('store-lost', message)
      return
    }
    log.info({}, 'the store is back')
    events.record('store-back', 'the store is back')
    onBack().catch((error: unknown) => {
      log.error({ err: error }, 'leftovers are not cleaned up')
    })
  }
}
