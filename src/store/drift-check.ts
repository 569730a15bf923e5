import type { Clock } from '../base/clock.js'
import { isOvertapError } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import type { Digests, Store } from './store.js'

/** How often the copy may turn out to be ahead already of what was asked. */
const MAX_TRIES = 8

export interface DriftCheckParts {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly everyMs: number
  /**
   * Collections in which the copy, at exactly the place of these digests, is
   * not as they say. Undefined when it has not been there, or cannot tell.
   */
  readonly differences: (theirs: Digests) => Promise<string[] | undefined>
  /** Called with the collections that are not as in the store. */
  readonly repair: (collections: readonly string[]) => void
}

/** Compares a copy of the records with the store, again and again. */
export class DriftCheck {
  readonly #parts: DriftCheckParts
  #cancel: () => void = () => undefined
  #stopped = false

  constructor(parts: DriftCheckParts) {
    this.#parts = parts
  }

  /** Spread in time, so that not all hosts ask in one moment. */
  start(): void {
    const { clock, everyMs } = this.#parts
    if (this.#stopped) return
    this.#cancel = clock.after(everyMs * (0.75 + Math.random() / 2), () => {
      void this.#check().finally(() => {
        this.start()
      })
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Never rejects: what could not be compared now is compared next time. */
  async #check(): Promise<void> {
    const { logger, repair } = this.#parts
    try {
      const differing = await this.#compare([])
      if (differing.length === 0) return
      const collections = await this.#compare(differing)
      if (this.#stopped) return
      if (collections.length > 0) repair(collections)
      else logger.warn({}, `sums of the store corrected: ${differing.join()}`)
    } catch (error) {
      if (isOvertapError(error, 'STORE_UNAVAILABLE')) return
      logger.error({ err: error }, 'records cannot be compared with the store')
    }
  }

  /** Collections that differ; `recount` as for the store. */
  async #compare(recount: readonly string[]): Promise<string[]> {
    const { store, differences } = this.#parts
    for (let made = 0; made < MAX_TRIES; made++) {
      const found = await differences(await store.digests(recount))
      if (found) return found
    }
    return []
  }
}
