import test from 'ava'
import { barCharts } from '../../../src/load/bar-chart.js'
import { choose } from '../../../src/load/choose.js'
import { loads } from '../../../src/load/loads.js'
import { round } from '../../../src/load/tables.js'

test('numbers have three digits that say something', (t) => {
  t.deepEqual(
    [0, 0.012345, 1.2345, 12.345, 123.45, 12_345, Number.NaN].map(round),
    ['0', '0.0123', '1.23', '12.3', '123', '12345', '-'],
  )
})

test('a list chooses, in the order of what there is', (t) => {
  const names = choose(loads, 'udp-64,tcp-1').map(({ name }) => name)
  t.deepEqual(names, ['tcp-1', 'udp-64'])
  t.throws(() => choose(loads, 'tcp-1,icmp'), {
    message: /^there is no icmp; there are: tcp-1, /,
  })
})

/** x, y, width and height of every bar. */
function barsOf(svg: string): number[][] {
  const bar =
    /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="#\w+"><title>/g
  return [...svg.matchAll(bar)].map((match) => match.slice(1).map(Number))
}

const chart = {
  title: 'fast & slow',
  unit: 'Gbit/s',
  groups: ['one', 'two', 'one'],
  series: [
    { name: '<a>', values: [10, 5, null] },
    { name: 'b', values: [0, 2.5, 1] },
  ],
}

test('bars are as high as their values, beside each other', (t) => {
  const bars = barsOf(barCharts([chart]))
  const height = (index: number) => bars[index]?.[3] ?? NaN
  t.is(bars.length, 5)
  t.is(height(0), height(1) * 2)
  t.is(height(1), height(3) * 2)
  t.is(height(2), 0)
  for (const [x = 0, y = 0, width = 0, tall = 0] of bars) {
    t.true(x >= 64 && x + width <= 940)
    t.true(Math.abs(y + tall - 320) < 0.2)
  }
  const edges = bars.map(([x = 0, , width = 0]) => [x, x + width] as const)
  edges.sort(([a], [b]) => a - b)
  edges.slice(1).forEach(([left], index) => {
    t.true(left >= (edges[index]?.[1] ?? 0) - 0.2)
  })
})

test('a plot is well-formed, whatever the names', (t) => {
  const svg = barCharts([chart, chart])
  t.true(svg.includes('fast &amp; slow') && svg.includes('&lt;a&gt;: 10 '))
  t.is(svg.match(/<g /g)?.length, 2)
})

test('nothing measured is an empty chart, not a broken one', (t) => {
  const empty = {
    ...chart,
    series: [{ name: 'a', values: [null, null, null] }],
  }
  t.false(barCharts([empty]).includes('NaN'))
  t.false(barCharts([{ ...chart, groups: [], series: [] }]).includes('NaN'))
})
