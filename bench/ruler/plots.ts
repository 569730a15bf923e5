import { barChart } from './bar-chart.js'
import { type Grid, gridsOf } from './grid.js'
import type { Results } from './results.js'

export interface Plot {
  readonly file: string
  readonly title: string
  readonly svg: string
}

/** Of each profile and placement, all figures in relation to kernel vxlan. */
export function plotsOf(results: Results): Promise<Plot[]> {
  return Promise.all(gridsOf(results).map(plotOf))
}

async function plotOf(grid: Grid): Promise<Plot> {
  const svg = await barChart({
    title: grid.title,
    unit: 'kernel vxlan = 1',
    groups: grid.rows.map(({ load }) => load.title),
    series: grid.contenders.map(({ title }, index) => ({
      name: title,
      values: grid.rows.map(({ cells }) => {
        const ratio = cells[index]?.ratio
        return ratio === undefined ? null : Number(ratio.toFixed(3))
      }),
    })),
  })
  return { file: `${grid.name}.svg`, title: grid.title, svg }
}
