import { type Grid, gridOf, mediansOf } from '../../../load/grid.js'
import { samplesOf } from '../../../load/statistics.js'
import type { Sample } from '../../../load/sample.js'
import { figures, times } from '../../../load/tables.js'
import { table } from '../table.js'
import type { Plan } from './rounds.js'

/** The ratios of all ways are to the first one that was measured. */
export function benchGrid(plan: Plan, samples: readonly Sample[]): Grid {
  const ways = plan.ways.map(({ name }) => ({ name, title: name }))
  const measured = ways.find(({ name }) =>
    samples.some(({ contender }) => contender === name),
  )
  return gridOf('', samples, ways, measured?.name ?? '')
}

/** For people. */
export function benchTables(grid: Grid): string {
  return [figures(grid), times(grid)]
    .filter(({ rows }) => rows.length > 1)
    .map(({ rows: [head = [], ...rows] }) => table(head, rows))
    .join('\n\n')
}

/** For programs: one object for each load and way. */
export function benchJson(plan: Plan, grid: Grid): string {
  const { rounds: Rounds, seconds: Seconds } = plan
  const Results = grid.rows.flatMap(({ load, cells }) =>
    grid.contenders.flatMap(({ name }, index) => {
      const cell = cells[index]
      if (!cell) return []
      const of = (pick: (sample: Sample) => number): number =>
        mediansOf(grid, load.name, pick)[index] ?? Number.NaN
      return {
        Load: load.name,
        Unit: load.unit,
        Name: name,
        Address: plan.ways.find((way) => way.name === name)?.address,
        Median: cell.summary.median,
        Spread: cell.summary.spread,
        Ratio: cell.ratio,
        Loss: of(({ loss }) => loss),
        ...(load.unit === 'transactions/s' && {
          LatencyMicroseconds: {
            P50: of(({ latencyUs }) => latencyUs.p50),
            P99: of(({ latencyUs }) => latencyUs.p99),
            'P99.9': of(({ latencyUs }) => latencyUs.p999),
          },
        }),
        Values: samplesOf(grid.samples, load.name, name).map(
          ({ value }) => value,
        ),
      }
    }),
  )
  return JSON.stringify({ Rounds, Seconds, Results }, null, 2)
}
