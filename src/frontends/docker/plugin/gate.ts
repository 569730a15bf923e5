import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '../../../base/errors.js'

/** Lets calls through while the daemon is ready, and knows who is inside. */
export class Gate {
  readonly #patienceMs: number
  readonly #waiting = new Set<(isOpen: boolean) => void>()
  readonly #inside = new Set<Promise<unknown>>()
  #state: 'not yet' | 'open' | 'closed' = 'not yet'

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  open(): void {
    this.#state = 'open'
    this.#tell(true)
  }

  /** Resolves when nobody is inside any more, or after so long. */
  async close(graceMs: number): Promise<void> {
    this.#state = 'closed'
    this.#tell(false)
    const late = new AbortController()
    const options = { signal: late.signal, ref: false }
    await Promise.race([
      Promise.allSettled(this.#inside),
      sleep(graceMs, undefined, options).catch(() => undefined),
    ])
    late.abort()
  }

  /** Waits for the gate to open, for so long. DRIVER_NOT_READY. */
  async pass<T>(task: () => Promise<T>): Promise<T> {
    if (!(await this.#opens())) throw errors.DRIVER_NOT_READY()
    const run = task()
    this.#inside.add(run)
    try {
      return await run
    } finally {
      this.#inside.delete(run)
    }
  }

  #opens(): boolean | Promise<boolean> {
    if (this.#state !== 'not yet') return this.#state === 'open'
    return new Promise((resolve) => {
      const settle = (isOpen: boolean) => {
        clearTimeout(timer)
        this.#waiting.delete(settle)
        resolve(isOpen)
      }
      const timer = setTimeout(() => {
        settle(false)
      }, this.#patienceMs)
      this.#waiting.add(settle)
    })
  }

  #tell(isOpen: boolean): void {
    for (const settle of [...this.#waiting]) settle(isOpen)
  }
}
