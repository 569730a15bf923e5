import { type BarChart, barCharts } from '../../../load/bar-chart.js'
import type { Grid } from '../../../load/grid.js'
import type { Unit } from '../../../load/loads.js'

/** As SVG, a chart for each unit. */
export function benchPlot(grid: Grid): string {
  const units: readonly Unit[] = ['Gbit/s', 'kpackets/s', 'transactions/s']
  return barCharts(units.flatMap((unit) => chartOf(grid, unit)))
}

function chartOf(grid: Grid, unit: Unit): BarChart[] {
  const rows = grid.rows.filter(({ load }) => load.unit === unit)
  if (rows.length === 0) return []
  const series = grid.contenders.map(({ title }, index) => ({
    name: title,
    values: rows.map(({ cells }) => cells[index]?.summary.median ?? null),
  }))
  const groups = rows.map(({ load }) => load.title)
  return [{ title: unit, unit, groups, series }]
}
