import { loads, type NamedLoad } from './loads.js'
import type { Sample } from './sample.js'
import {
  median,
  ratio,
  samplesOf,
  type Summary,
  summaryOf,
} from './statistics.js'

/** What a table or a plot shows: loads down, contenders across. */
export interface Grid<S extends Sample = Sample> {
  readonly title: string
  readonly contenders: readonly Titled[]
  readonly rows: readonly Row[]
  readonly samples: readonly S[]
}

export interface Titled {
  readonly name: string
  readonly title: string
}

export interface Row {
  readonly load: NamedLoad
  /** In the order of the grid's contenders. */
  readonly cells: readonly (GridCell | undefined)[]
}

export interface GridCell {
  readonly summary: Summary
  /** To the reference; undefined when that was not measured. */
  readonly ratio: number | undefined
}

/** Of what was measured, in the order of the lists of what there is. */
export function gridOf<S extends Sample>(
  title: string,
  samples: readonly S[],
  contenders: readonly Titled[],
  reference: string,
): Grid<S> {
  const shown = contenders.filter(({ name }) =>
    samples.some(({ contender }) => contender === name),
  )
  const measured = loads.filter(({ name }) =>
    samples.some(({ load }) => load === name),
  )
  const rows = measured.map((load) => ({
    load,
    cells: shown.map(({ name }) => {
      const summary = summaryOf(samples, load.name, name)
      if (!summary) return undefined
      return { summary, ratio: ratio(samples, load.name, name, reference) }
    }),
  }))
  return { title, contenders: shown, rows, samples }
}

/** Of a figure beside the load's own, for each contender; NaN without one. */
export function mediansOf<S extends Sample>(
  { samples, contenders }: Grid<S>,
  load: string,
  pick: (sample: S) => number,
): number[] {
  return contenders.map(({ name }) =>
    median(samplesOf(samples, load, name).map(pick)),
  )
}
