import type { Cell, Sample } from './results.js'

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

/** All rounds of a cell. */
export function samplesOf(
  samples: readonly Sample[],
  cell: Cell,
): readonly Sample[] {
  return samples.filter(
    ({ profile, placement, load, contender }) =>
      profile === cell.profile &&
      placement === cell.placement &&
      load === cell.load &&
      contender === cell.contender,
  )
}

/** Undefined when the cell was not measured. */
export function summaryOf(
  samples: readonly Sample[],
  cell: Cell,
): Summary | undefined {
  const values = samplesOf(samples, cell).map(({ value }) => value)
  return values.length === 0 ? undefined : summarize(values)
}

/** Of medians; undefined when one of the two was not measured. */
export function ratio(
  samples: readonly Sample[],
  cell: Cell,
  against: string,
): number | undefined {
  const own = summaryOf(samples, cell)
  const other = summaryOf(samples, { ...cell, contender: against })
  return own && other ? own.median / other.median : undefined
}
