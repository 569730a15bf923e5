import { setTimeout as sleep } from 'node:timers/promises'
import { isOvertapError } from '../../src/base/errors.js'
import { keys, type Host } from '../../src/store/records.js'
import type { RedisStore } from '../../src/store/redis-store.js'

/** Commits that are made at an even rate, none waiting for the one before. */
export class Churn {
  readonly #store: RedisStore
  readonly #commits: Promise<void>[] = []
  readonly #acknowledged: string[] = []
  readonly #began = performance.now()
  #killedAt = Infinity
  #againAt = Infinity
  #refused = 0

  constructor(store: RedisStore) {
    this.#store = store
  }

  /** Keys whose write was confirmed. */
  get acknowledged(): readonly string[] {
    return this.#acknowledged
  }

  get refused(): number {
    return this.#refused
  }

  /** From the death of the master to the first confirmed commit made after. */
  get outageMs(): number {
    return this.#againAt - this.#killedAt
  }

  /** The master is dead by now. */
  killed(): void {
    this.#killedAt = performance.now()
  }

  /** Goes on until commits succeed after the master's death. */
  async run(perSecond: number, limitMs: number): Promise<void> {
    const total = (perSecond * limitMs) / 1000
    for (let made = 0; made < total && this.#againAt === Infinity; made++) {
      const due = this.#began + (made * 1000) / perSecond
      if (due > performance.now()) await sleep(due - performance.now())
      this.#commits.push(this.#commit(`writer${made}`))
    }
    await Promise.all(this.#commits)
    if (this.#againAt === Infinity) throw new Error('no writes any more')
  }

  async #commit(name: string): Promise<void> {
    const made = performance.now()
    const key = keys.host(name)
    try {
      await this.#store.commit({ puts: [{ key, value: record(name) }] })
      this.#acknowledged.push(key)
      if (made > this.#killedAt) {
        this.#againAt = Math.min(this.#againAt, performance.now())
      }
    } catch (error) {
      if (!isOvertapError(error, 'STORE_UNAVAILABLE')) throw error
      this.#refused++
    }
  }
}

/** Of a host, as every daemon has all of these. */
function record(name: string): Host {
  return {
    name,
    address: '172.16.0.1',
    port: 4789,
    version: '0.1.0',
    startedAt: '2026-01-01T00:00:00.000Z',
    routes: [],
  }
}
