import Benchmark from 'benchmark'
import { median } from '../../src/load/statistics.js'
import type { Case } from './cases.js'
import type { Figure } from './figure.js'

/** Measures cases of this process; each for so many seconds, about. */
export function measureCases(
  cases: readonly Case[],
  seconds: number,
): Figure[] {
  return cases.map((one) => measureCase(one, seconds))
}

function measureCase({ group, name, work }: Case, seconds: number): Figure {
  if (work() === undefined) throw new Error(`${group}: ${name}: no result`)
  const settings = { maxTime: seconds, minSamples: 5 }
  const bench = new Benchmark(name, work, settings).run()
  // Its declarations do not say that there may be none.
  const { error: cause } = bench as { error?: Error }
  if (cause) throw new Error(`${group}: ${name}`, { cause })
  const times = bench.stats.sample.map((time) => time * 1e9)
  return {
    ...{ group, name, bytes: 0, packets: 0 },
    nanoseconds: median(times),
    least: Math.min(...times),
    most: Math.max(...times),
  }
}
