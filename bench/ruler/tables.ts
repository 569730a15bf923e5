import { table } from '../../src/frontends/cli/table.js'
import { type Grid, mediansOf } from '../../src/load/grid.js'
import {
  figures,
  round,
  type TextTable,
  times,
  titles,
} from '../../src/load/tables.js'
import { gridsOf } from './grid.js'
import type { Results, Sample } from './results.js'

export function terminalTables(results: Results): string {
  return tablesOf(results)
    .map(
      ({ title, rows: [head = [], ...rows] }) =>
        `${title}\n${table(head, rows)}`,
    )
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

/** Of one load: the others cost alike, in relation. */
function costs(grid: Grid<Sample>): TextTable {
  const load = grid.rows.find(({ load: { name } }) => name === 'tcp-1')?.load
  const title = `Cost of TCP, 1 flow: ${grid.title}`
  if (!load) return { title, rows: [] }
  const row = (
    name: string,
    pick: (sample: Sample) => number,
    daemons = false,
  ): string[] => [
    name,
    ...mediansOf(grid, load.name, pick).map((value) =>
      daemons && value === 0 ? '-' : round(value),
    ),
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
