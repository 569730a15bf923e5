import { isOvertapError, type OvertapError } from '../../../base/errors.js'
import type { LoadGenerator, Way } from '../../../load/load-generator.js'
import type { NamedLoad } from '../../../load/loads.js'
import { figuresOf, type Sample } from '../../../load/sample.js'
import { round as digits } from '../../../load/tables.js'

export interface Plan {
  readonly ways: readonly NamedWay[]
  readonly loads: readonly NamedLoad[]
  readonly rounds: number
  /** Of each load, once for each way and round. */
  readonly seconds: number
}

export interface NamedWay extends Way {
  readonly name: string
}

export interface Observer {
  /** What is under way, for people. */
  readonly note: (text: string) => void
  /** What could not be measured; the rest goes on. */
  readonly fail: (error: OvertapError) => void
}

/**
 * Measures round after round, in each round every load, with each load every way:
 * what else the hosts do meets all ways alike. A way that has no server, and a
 * load that fails on a way, is reported once and not tried again. When the signal
 * aborts, what was measured is all.
 */
export async function measureRounds(
  plan: Plan,
  generator: LoadGenerator,
  observer: Observer,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const rounds = new Rounds(plan, generator, observer, signal)
  for (let round = 1; round <= plan.rounds; round++) await rounds.round(round)
  return rounds.samples
}

class Rounds {
  readonly samples: Sample[] = []
  /** Names of ways, and `load way`. */
  readonly #failed = new Set<string>()

  constructor(
    readonly plan: Plan,
    readonly generator: LoadGenerator,
    readonly observer: Observer,
    readonly signal: AbortSignal,
  ) {}

  async round(round: number): Promise<void> {
    for (const load of this.plan.loads) {
      const values: string[] = []
      for (const way of this.plan.ways) {
        const value = await this.#sample(load, way)
        if (value !== undefined) values.push(`${way.name} ${digits(value)}`)
      }
      if (values.length === 0) continue
      const where = `round ${round} of ${this.plan.rounds}: ${load.title}`
      this.observer.note(`${where}: ${values.join(', ')} ${load.unit}`)
    }
  }

  async #sample(load: NamedLoad, way: NamedWay): Promise<number | undefined> {
    const { plan, generator, signal } = this
    const key = `${load.name} ${way.name}`
    if (this.#isOver(way.name, key)) return undefined
    try {
      const result = await generator.measure(
        way,
        load.load,
        plan.seconds,
        signal,
      )
      const figures = figuresOf(result, load.unit)
      this.samples.push({ load: load.name, contender: way.name, ...figures })
      return figures.value
    } catch (error) {
      if (!signal.aborted) this.#fail(error, way.name, key)
      return undefined
    }
  }

  #isOver(way: string, key: string): boolean {
    if (this.signal.aborted) return true
    return this.#failed.has(way) || this.#failed.has(key)
  }

  #fail(error: unknown, way: string, key: string): void {
    if (!isOvertapError(error)) throw error
    if (isOvertapError(error, 'BENCH_UNAVAILABLE')) throw error
    const whole = ['BENCH_SERVER_UNREACHABLE', 'BENCH_REFUSED'] as const
    this.#failed.add(isOvertapError(error, ...whole) ? way : key)
    this.observer.fail(error)
  }
}
