import { LRUCache } from 'lru-cache'
import type { Clock } from '../../base/clock.js'
import { lifetimeOf } from './lifetime.js'

export interface CachedAnswer {
  readonly message: Uint8Array
  /** Whole seconds since it came. */
  readonly age: number
}

interface Entry {
  readonly message: Uint8Array
  /** Of the monotonic clock. */
  readonly storedAt: number
  readonly endsAt: number
}

const MAX_ANSWERS = 10_000
const MAX_BYTES = 8 << 20
/** What an entry takes beside its bytes, roughly. */
const OVERHEAD = 200

/** Answers of upstreams while they live; what was not asked for longest goes first. */
export class AnswerCache {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #entries = new LRUCache<string, Entry>({
    max: MAX_ANSWERS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ message }, key) =>
      message.length + key.length + OVERHEAD,
  })

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  get(key: string): CachedAnswer | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    const { message, storedAt, endsAt } = entry
    const now = this.#clock.monotonic()
    if (now < endsAt)
      return { message, age: Math.floor((now - storedAt) / 1000) }
    this.#entries.delete(key)
    return undefined
  }

  /** Does nothing with an answer that must not be told again. */
  put(key: string, answer: Uint8Array): void {
    const seconds = lifetimeOf(answer)
    if (seconds === 0) return
    const storedAt = this.#clock.monotonic()
    const endsAt = storedAt + seconds * 1000
    const message = Uint8Array.from(answer)
    this.#entries.set(key, { message, storedAt, endsAt })
  }

  /** Forgets all; returns how many there were. */
  flush(): number {
    const { size } = this.#entries
    this.#entries.clear()
    return size
  }

  get size(): number {
    return this.#entries.size
  }
}
