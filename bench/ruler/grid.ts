import { contenders, reference } from '../contenders/all.js'
import { loads, type NamedLoad } from './loads.js'
import { placements } from './placement.js'
import { profiles } from './profiles.js'
import type { Results, Sample } from './results.js'
import { ratio, type Summary, summaryOf } from './statistics.js'

/** What a table or a plot shows: one profile in one placement. */
export interface Grid {
  readonly name: string
  readonly title: string
  readonly contenders: readonly Titled[]
  readonly rows: readonly Row[]
  readonly samples: readonly Sample[]
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
  /** To kernel vxlan; undefined when that was not measured. */
  readonly ratio: number | undefined
}

/** Those that were measured, in the order of the lists of what there is. */
export function gridsOf({ samples }: Results): Grid[] {
  return profiles.flatMap((profile) =>
    placements.flatMap((placement) => {
      const own = samples.filter(
        (sample) =>
          sample.profile === profile.name &&
          sample.placement === placement.name,
      )
      if (own.length === 0) return []
      const name = `${profile.name}-${placement.name}`
      const title = `${profile.title}, ${placement.title}`
      return [{ name, title, ...fill(own), samples: own }]
    }),
  )
}

function fill(samples: readonly Sample[]): Pick<Grid, 'contenders' | 'rows'> {
  const shown = contenders.filter(({ name }) =>
    samples.some(({ contender }) => contender === name),
  )
  const measured = loads.filter(({ name }) =>
    samples.some(({ load }) => load === name),
  )
  const rows = measured.map((load) => ({
    load,
    cells: shown.map(({ name }) => cellOf(samples, load.name, name)),
  }))
  return { contenders: shown, rows }
}

function cellOf(
  samples: readonly Sample[],
  load: string,
  contender: string,
): GridCell | undefined {
  const [first] = samples
  if (!first) return undefined
  const cell = { ...first, load, contender }
  const summary = summaryOf(samples, cell)
  return summary && { summary, ratio: ratio(samples, cell, reference) }
}
