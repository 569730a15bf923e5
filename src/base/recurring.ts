import type { Clock } from './clock.js'

export interface RecurringParts {
  readonly clock: Pick<Clock, 'after'>
  /** Between the end of one turn and the beginning of the next. */
  readonly everyMs: number
  readonly turn: () => Promise<void>
  /** A turn rejected; the next one comes. */
  readonly onError: (error: unknown) => void
}

/** Does something now and then, one turn at a time. */
export class Recurring {
  readonly #parts: RecurringParts
  #cancel: () => void = () => undefined
  #working: Promise<void> = Promise.resolve()
  #stopped = true

  constructor(parts: RecurringParts) {
    this.#parts = parts
  }

  start(): void {
    this.#stopped = false
    this.#schedule()
  }

  /** Resolves when the turn under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }

  #schedule(): void {
    if (this.#stopped) return
    const { clock, everyMs, turn, onError } = this.#parts
    this.#cancel = clock.after(everyMs, () => {
      this.#working = turn()
        .catch(onError)
        .finally(() => {
          this.#schedule()
        })
    })
  }
}
