import { scaleBand, scaleLinear } from 'd3-scale'
import { round } from './tables.js'

/** Bars in groups. */
export interface BarChart {
  readonly title: string
  /** Of the values. */
  readonly unit: string
  /** Labels of the groups. */
  readonly groups: readonly string[]
  readonly series: readonly Series[]
}

export interface Series {
  readonly name: string
  /** One bar in every group; null where there is none. */
  readonly values: readonly (number | null)[]
}

/** Pixels, of one chart. */
const size = { width: 960, height: 420 }
const plot = { left: 64, right: 940, top: 60, bottom: 320 }
const legendTop = 396
/** Of a label's letters, about. */
const letter = { width: 6, height: 13 }
const colors = [
  ...['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#3ca951'],
  ...['#ff8ab7', '#a463f2', '#97bbf5', '#9c6b4e', '#9498a0'],
]

/** One SVG, the charts below each other. */
export function barCharts(charts: readonly BarChart[]): string {
  const height = size.height * charts.length
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${height}" viewBox="0 0 ${size.width} ${height}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...charts.map(
      (chart, index) =>
        `<g transform="translate(0 ${index * size.height})">\n${draw(chart)}\n</g>`,
    ),
    '</svg>',
  ].join('\n')
}

function draw({ title, unit, groups, series }: BarChart): string {
  const values = series.flatMap((one) => one.values.map((value) => value ?? 0))
  const y = scaleLinear()
    .domain([0, Math.max(...values) || 1])
    .nice(6)
    .range([plot.bottom, plot.top])
  // By index: two groups may have one label.
  const x = scaleBand<number>(groups.keys(), [plot.left, plot.right]).padding(
    0.2,
  )
  const within = scaleBand<number>(series.keys(), [0, x.bandwidth()])
  const ticks = y
    .ticks(6)
    .map((value) => tick(y(value), y.tickFormat(6)(value)))
  const bars = series.flatMap(({ name, values }, nth) =>
    values.map((value, group) => {
      if (value === null) return ''
      const left = (x(group) ?? 0) + (within(nth) ?? 0)
      const box = `x="${px(left)}" y="${px(y(value))}" width="${px(within.bandwidth())}" height="${px(plot.bottom - y(value))}"`
      return `<rect ${box} fill="${color(nth)}"><title>${escape(`${name}: ${round(value)} ${unit}`)}</title></rect>`
    }),
  )
  const labels = groups.map((group, index) =>
    label(group, (x(index) ?? 0) + x.bandwidth() / 2, x.step()),
  )
  return [
    text(size.width / 2, 24, title, 'font-size="15" font-weight="bold"'),
    text(plot.left, plot.top - 12, unit),
    ...ticks,
    ...bars,
    ...labels,
    legend(series),
  ].join('\n')
}

function tick(y: number, value: string): string {
  return (
    `<path d="M${plot.left} ${px(y)}H${plot.right}" stroke="#ddd"/>` +
    text(plot.left - 8, y + 4, value, 'text-anchor="end"')
  )
}

/** In as many lines as its width asks for. */
function label(words: string, x: number, width: number): string {
  const lines: string[] = []
  for (const word of words.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    const fits = lines.length > 0 && longer.length * letter.width <= width
    lines.splice(fits ? -1 : lines.length, 1, fits ? longer : word)
  }
  return lines
    .map((line, index) =>
      text(x, plot.bottom + 18 + index * letter.height, line),
    )
    .join('')
}

function legend(series: readonly Series[]): string {
  const x = scaleBand<number>(series.keys(), [plot.left, plot.right])
  return series
    .map(({ name }, index) => {
      const left = x(index) ?? 0
      const mark = `<rect x="${px(left)}" y="${legendTop}" width="12" height="12" fill="${color(index)}"/>`
      return mark + text(left + 18, legendTop + 10, name, 'text-anchor="start"')
    })
    .join('\n')
}

function text(x: number, y: number, content: string, more = ''): string {
  const anchor = more.includes('text-anchor') ? '' : ' text-anchor="middle"'
  return `<text x="${px(x)}" y="${px(y)}"${anchor} ${more}>${escape(content)}</text>`
}

function color(index: number): string {
  return colors[index % colors.length] ?? ''
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escape(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
