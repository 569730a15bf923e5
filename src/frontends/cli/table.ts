import Table from 'cli-table3'

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '   ',
} as const

/** Columns as Docker prints them: no lines, three spaces, no trailing ones. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const grid = new Table({
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  grid.push([...head], ...rows.map((row) => [...row]))
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Label and value, one pair a line, values below each other. */
export function pairs(
  rows: readonly (readonly [label: string, value: string | number])[],
): string {
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows
    .map(([label, value]) => `${`${label}:`.padEnd(width + 2)}${value}`)
    .join('\n')
}

/** As Docker shortens ids. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}
