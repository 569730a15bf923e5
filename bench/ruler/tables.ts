import Table from 'cli-table3'
import { type Grid, type GridCell, gridsOf } from './grid.js'
import type { Results, Sample } from './results.js'
import { median, samplesOf } from './statistics.js'

/** A heading and rows of text; the first row is the head. */
export interface TextTable {
  readonly title: string
  readonly rows: readonly (readonly string[])[]
}

export function terminalTables(results: Results): string {
  return tablesOf(results)
    .map(({ title, rows: [head = [], ...rows] }) => {
      const style = { head: [], border: [] }
      const table = new Table({ head: [...head], style })
      table.push(...rows.map((row) => [...row]))
      return `${title}\n${table.toString()}`
    })
    .join('\n\n')
}

/** Of each profile and placement: figures, times, and what they cost. */
export function tablesOf(results: Results): TextTable[] {
  return gridsOf(results).flatMap((grid) =>
    [figures(grid), times(grid), costs(grid)].filter(
      ({ rows }) => rows.length > 1,
    ),
  )
}

function figures(grid: Grid): TextTable {
  const head = ['', 'unit', ...grid.contenders.map(({ title }) => title)]
  const rows = grid.rows.map(({ load, cells }) => [
    load.title,
    load.unit,
    ...cells.map(
      (cell, index) => figure(cell) + lossOf(grid, load.name, index),
    ),
  ])
  return { title: grid.title, rows: [head, ...rows] }
}

/** `7.42 ±3% (0.81)`: median, spread, and the ratio to kernel vxlan. */
function figure(cell: GridCell | undefined): string {
  if (!cell) return '-'
  const { summary, ratio } = cell
  const spread = `±${Math.round(summary.spread * 100)}%`
  const relative = ratio === undefined ? '' : ` (${ratio.toFixed(2)})`
  return `${round(summary.median)} ${spread}${relative}`
}

function lossOf(grid: Grid, load: string, index: number): string {
  const loss = medianOf(grid, load, index, ({ loss }) => loss)
  return loss > 0.0005 ? `, ${(loss * 100).toFixed(1)}% lost` : ''
}

function times(grid: Grid): TextTable {
  const timed = grid.rows.filter(({ load }) => load.unit === 'transactions/s')
  const head = ['µs: p50 / p99 / p99.9', ...titles(grid)]
  const rows = timed.map(({ load }) => [
    load.title,
    ...grid.contenders.map((_, index) =>
      (['p50', 'p99', 'p999'] as const)
        .map((key) =>
          round(medianOf(grid, load.name, index, (s) => s.latencyUs[key])),
        )
        .join(' / '),
    ),
  ])
  return { title: `Times: ${grid.title}`, rows: [head, ...rows] }
}

/** Of one load: the others cost alike, in relation. */
function costs(grid: Grid): TextTable {
  const load = grid.rows.find(({ load: { name } }) => name === 'tcp-1')?.load
  const title = `Cost of TCP, 1 flow: ${grid.title}`
  if (!load) return { title, rows: [] }
  const row = (
    name: string,
    pick: (sample: Sample) => number,
    daemons = false,
  ): string[] => [
    name,
    ...grid.contenders.map((_, index) => {
      const value = medianOf(grid, load.name, index, pick)
      return daemons && value === 0 ? '-' : round(value)
    }),
  ]
  const perGb = (value: number | undefined, { cost }: Sample): number =>
    (value ?? 0) / cost.gigabytes
  const pinned = grid.samples[0]?.cost.cpuSeconds.length === 2
  const cpu = pinned
    ? [
        row('CPU s/GB, sender', (s) => perGb(s.cost.cpuSeconds[0], s)),
        row('CPU s/GB, receiver', (s) => perGb(s.cost.cpuSeconds[1], s)),
      ]
    : [row('CPU s/GB, both', (s) => perGb(s.cost.cpuSeconds[0], s))]
  return {
    title,
    rows: [
      ['', ...titles(grid)],
      ...cpu,
      row(
        'daemon CPU s/GB, sender',
        (s) => perGb(s.cost.daemonCpuSeconds[0], s),
        true,
      ),
      row(
        'daemon CPU s/GB, receiver',
        (s) => perGb(s.cost.daemonCpuSeconds[1], s),
        true,
      ),
      row(
        'daemon wake-ups/s, sender',
        (s) => s.cost.daemonWakeUps[0] / s.cost.seconds,
        true,
      ),
      row(
        'daemon wake-ups/s, receiver',
        (s) => s.cost.daemonWakeUps[1] / s.cost.seconds,
        true,
      ),
      row('context switches/GB, machine', (s) =>
        perGb(s.cost.contextSwitches, s),
      ),
      row(
        'kB per packet of the container',
        (s) => (s.cost.gigabytes * 1e6) / s.cost.packets,
      ),
      row('daemon memory, MB', (s) => s.cost.rssBytes / 1e6, true),
    ],
  }
}

function titles(grid: Grid): string[] {
  return grid.contenders.map(({ title }) => title)
}

function medianOf(
  grid: Grid,
  load: string,
  index: number,
  pick: (sample: Sample) => number,
): number {
  const [first] = grid.samples
  const contender = grid.contenders[index]?.name
  if (!first || contender === undefined) return Number.NaN
  return median(
    samplesOf(grid.samples, { ...first, load, contender }).map(pick),
  )
}

/** Three digits that say something. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (value === 0 || value >= 1000) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}
