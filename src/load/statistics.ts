import type { Sample } from './sample.js'

export interface Summary {
  readonly median: number
  /** Half of what lies between the least and the most, relative to the median. */
  readonly spread: number
  readonly count: number
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  if (sorted.length % 2 === 1) return upper
  return ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2
}

export function summarize(values: readonly number[]): Summary {
  const middle = median(values)
  const width = Math.max(...values) - Math.min(...values)
  return { median: middle, spread: width / 2 / middle, count: values.length }
}

/** All rounds of one load and one contender. */
export function samplesOf<S extends Sample>(
  samples: readonly S[],
  load: string,
  contender: string,
): readonly S[] {
  return samples.filter(
    (sample) => sample.load === load && sample.contender === contender,
  )
}

/** Undefined when that was not measured. */
export function summaryOf(
  samples: readonly Sample[],
  load: string,
  contender: string,
): Summary | undefined {
  const values = samplesOf(samples, load, contender).map(({ value }) => value)
  return values.length === 0 ? undefined : summarize(values)
}

/** Of medians; undefined when one of the two was not measured. */
export function ratio(
  samples: readonly Sample[],
  load: string,
  contender: string,
  against: string,
): number | undefined {
  const own = summaryOf(samples, load, contender)
  const other = summaryOf(samples, load, against)
  return own && other ? own.median / other.median : undefined
}
