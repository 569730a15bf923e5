import type { Clock } from '../base/clock.js'
import { errors } from '../base/errors.js'
import type { Revision } from './store.js'

interface Waiter {
  readonly revision: Revision
  readonly resolve: (current: Revision) => void
  readonly reject: (problem: string) => void
}

/** Who waits for a replica to reach a revision. */
export class RevisionWaiters {
  readonly #clock: Clock
  readonly #waiters = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves to what `then` returns, which is called in the same step in which
   * the revision is reached or passed; rejects with STORE_UNAVAILABLE.
   */
  wait<T>(
    revision: Revision,
    timeoutMs: number,
    then: (current: Revision) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel()
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        revision,
        resolve: (current) => {
          end()
          resolve(then(current))
        },
        reject: (problem) => {
          end()
          reject(errors.STORE_UNAVAILABLE(problem))
        },
      }
      const cancel = this.#clock.after(timeoutMs, () => {
        waiter.reject(`its changes up to revision ${revision} are late`)
      })
      this.#waiters.add(waiter)
    })
  }

  reached(current: Revision): void {
    for (const waiter of this.#waiters) {
      if (waiter.revision <= current) waiter.resolve(current)
    }
  }

  reject(problem: string): void {
    for (const waiter of this.#waiters) waiter.reject(problem)
  }
}
