import type { Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'

const intervalMs = 10_000

/** Looks after something now and then; one look ends before the next begins. */
export class GatewayWatch {
  readonly #parts: { readonly clock: Clock; readonly log: Logger }
  readonly #look: () => Promise<void>
  #cancel: () => void = () => undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = true

  constructor(
    parts: { readonly clock: Clock; readonly log: Logger },
    look: () => Promise<void>,
  ) {
    this.#parts = parts
    this.#look = look
  }

  start(): void {
    this.#stopped = false
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
  }

  #schedule(): void {
    if (this.#stopped) return
    const { clock, log } = this.#parts
    this.#cancel = clock.after(intervalMs, () => {
      this.#looking = this.#look()
        .catch((error: unknown) => {
          log.warn({ err: error }, 'the way outside cannot be put right')
        })
        .finally(() => {
          this.#schedule()
        })
    })
  }
}
