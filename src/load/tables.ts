import { type Grid, type GridCell, mediansOf } from './grid.js'

/** A heading and rows of text; the first row is the head. */
export interface TextTable {
  readonly title: string
  readonly rows: readonly (readonly string[])[]
}

/** What each contender carried. */
export function figures(grid: Grid): TextTable {
  const head = ['', 'unit', ...titles(grid)]
  const rows = grid.rows.map(({ load, cells }) => {
    const losses = mediansOf(grid, load.name, ({ loss }) => loss)
    return [
      load.title,
      load.unit,
      ...cells.map((cell, index) => figure(cell) + lossText(losses[index])),
    ]
  })
  return { title: grid.title, rows: [head, ...rows] }
}

/** `7.42 ±3% (0.81)`: median, spread, and the ratio to the reference. */
function figure(cell: GridCell | undefined): string {
  if (!cell) return '-'
  const { summary, ratio } = cell
  const spread = `±${Math.round(summary.spread * 100)}%`
  const relative = ratio === undefined ? '' : ` (${ratio.toFixed(2)})`
  return `${round(summary.median)} ${spread}${relative}`
}

function lossText(loss = 0): string {
  return loss > 0.0005 ? `, ${(loss * 100).toFixed(1)}% lost` : ''
}

/** How long transactions took; the head alone when none were measured. */
export function times(grid: Grid): TextTable {
  const timed = grid.rows.filter(({ load }) => load.unit === 'transactions/s')
  const head = ['µs: p50 / p99 / p99.9', ...titles(grid)]
  const rows = timed.map(({ load: { name, title } }) => {
    const [p50, p99, p999] = (['p50', 'p99', 'p999'] as const).map((key) =>
      mediansOf(grid, name, ({ latencyUs }) => latencyUs[key]),
    )
    const cells = grid.contenders.map((_, index) =>
      [p50, p99, p999].map((one) => round(one?.[index] ?? NaN)).join(' / '),
    )
    return [title, ...cells]
  })
  return { title: `Times: ${grid.title}`, rows: [head, ...rows] }
}

export function titles(grid: Grid): string[] {
  return grid.contenders.map(({ title }) => title)
}

/** Three digits that say something. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (value === 0 || value >= 1000) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}
