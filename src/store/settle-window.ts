import type { Clock } from '../base/clock.js'
import type { Store } from './store.js'

/**
 * The time after a loss in which all daemons write their records again. It
 * counts only while the store can be reached: after an outage it begins anew.
 */
export class SettleWindow {
  readonly #store: Store
  readonly #clock: Clock
  readonly #onEnd: () => void
  #lengthMs = 0
  #endsAt = 0
  #cancel: () => void = () => undefined
  #forget: () => void = () => undefined

  constructor(store: Store, clock: Clock, onEnd: () => void) {
    this.#store = store
    this.#clock = clock
    this.#onEnd = onEnd
  }

  get open(): boolean {
    return this.#lengthMs > 0
  }

  /** 0 when it is not open. */
  get remainingMs(): number {
    return this.open ? Math.max(1, this.#endsAt - this.#clock.monotonic()) : 0
  }

  /** One that is open already is replaced. */
  begin(lengthMs: number): void {
    this.close()
    this.#lengthMs = lengthMs
    this.#forget = this.#store.onStateChange((state) => {
      this.#cancel()
      if (state === 'connected') this.#run()
    })
    this.#run()
  }

  /** Without calling `onEnd`. */
  close(): void {
    this.#cancel()
    this.#forget()
    this.#lengthMs = 0
  }

  #run(): void {
    this.#endsAt = this.#clock.monotonic() + this.#lengthMs
    this.#cancel = this.#clock.after(this.#lengthMs, () => {
      this.close()
      this.#onEnd()
    })
  }
}
