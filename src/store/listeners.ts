import type { Logger } from '../base/log.js'

/** Functions to call when something happens; one that throws stops no other. */
export class Listeners<A extends readonly unknown[]> {
  readonly #what: string
  readonly #logger: Logger
  readonly #listeners = new Set<(...args: A) => void>()

  /** `what` names them in the log: `a change listener`. */
  constructor(what: string, logger: Logger) {
    this.#what = what
    this.#logger = logger
  }

  /** Returns the function that ends it. */
  add(listener: (...args: A) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(...args: A): void {
    for (const listener of this.#listeners) {
      try {
        listener(...args)
      } catch (error) {
        this.#logger.error({ err: error }, `${this.#what} failed`)
      }
    }
  }
}
