import { table } from '../../src/frontends/cli/table.js'
import { round } from '../../src/load/tables.js'
import type { Figure } from './figure.js'

/** A row for each figure. */
export function microTable(figures: readonly Figure[]): string {
  return table(
    ['', '', 'ns', 'from', 'to', 'Mpackets/s', 'bytes/ns'],
    figures.map((figure) => {
      const { group, name, nanoseconds, least, most, bytes, packets } = figure
      return [
        ...[group, name, round(nanoseconds), round(least), round(most)],
        packets === 0 ? '-' : round((packets * 1000) / nanoseconds),
        bytes === 0 ? '-' : round(bytes / nanoseconds),
      ]
    }),
  )
}

/** What a table of 1 M entries costs, relative to one of 1 k; by group. */
export function growth(
  figures: readonly Figure[],
): Readonly<Record<string, number>> {
  const at = (group: string, name: string): number =>
    figures.find((one) => one.group === group && one.name === name)
      ?.nanoseconds ?? Number.NaN
  const groups = figures
    .filter(({ name }) => name === '1 M')
    .map(({ group }) => group)
  return Object.fromEntries(
    groups.map((group) => [group, at(group, '1 M') / at(group, '1 k')]),
  )
}
