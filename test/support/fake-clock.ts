import type { Clock } from '../../src/base/clock.js'

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  /** How far somebody has set the clock. */
  #offset = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now + this.#offset
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + ms, task }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Sets the clock forward or back; no time passes. */
  jump(ms: number): void {
    this.#offset += ms
  }

  /** Runs what is due, the earliest first. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at)
      if (!next) break
      this.#timers.delete(next)
      this.#now = next.at
      next.task()
    }
    this.#now = end
  }
}
