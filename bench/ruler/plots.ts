import { barCharts } from '../../src/load/bar-chart.js'
import { gridsOf, type NamedGrid } from './grid.js'
import type { Results } from './results.js'

export interface Plot {
  readonly file: string
  readonly title: string
  readonly svg: string
}

/** Of each profile and placement, all figures in relation to kernel vxlan. */
export function plotsOf(results: Results): Plot[] {
  return gridsOf(results).map(plotOf)
}

function plotOf(grid: NamedGrid): Plot {
  const svg = barCharts([
    {
      title: grid.title,
      unit: 'kernel vxlan = 1',
      groups: grid.rows.map(({ load }) => load.title),
      series: grid.contenders.map(({ title }, index) => ({
        name: title,
        values: grid.rows.map(({ cells }) => cells[index]?.ratio ?? null),
      })),
    },
  ])
  return { file: `${grid.name}.svg`, title: grid.title, svg }
}
