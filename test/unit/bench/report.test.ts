import test from 'ava'
import { intoPage, section } from '../../../bench/ruler/page.js'
import { plotsOf } from '../../../bench/ruler/plots.js'
import { tablesOf, terminalTables } from '../../../bench/ruler/tables.js'
import { resultsOf, rounds } from './samples.js'

const contender = 'overtap-udp'
const results = resultsOf([
  ...rounds([9, 10, 11]),
  ...rounds([7, 8, 9], { contender }),
  ...rounds([20_000], { contender, load: 'requests' }),
  ...rounds([10], { placement: 'free' }),
])

test('a figure has its median, its spread, and its ratio to kernel vxlan', (t) => {
  const [figures] = tablesOf(results)
  t.is(figures?.title, 'veth with all offloads, one CPU per host')
  t.deepEqual(figures?.rows[0], [
    '',
    'unit',
    'kernel vxlan',
    'overtap (udp only)',
  ])
  t.deepEqual(figures?.rows[1], [
    ...['TCP, 1 flow', 'Gbit/s'],
    ...['10 ±10% (1.00)', '8 ±13% (0.80)'],
  ])
})

test('what was not measured is a dash', (t) => {
  const [figures] = tablesOf(results)
  t.deepEqual(figures?.rows[2]?.slice(2), ['-', '20000 ±0%'])
})

test('loss is told', (t) => {
  const [sample] = rounds([100], { load: 'udp-64' })
  if (!sample) return t.fail()
  const [figures] = tablesOf(resultsOf([{ ...sample, loss: 0.25 }]))
  t.regex(figures?.rows[1]?.[2] ?? '', /, 25\.0% lost$/)
})

test('times and costs are per side when each host has a CPU', (t) => {
  const tables = tablesOf(results)
  const find = (title: RegExp) => tables.find((one) => title.test(one.title))
  t.deepEqual(find(/^Times/)?.rows[1]?.at(-1), '20 / 40 / 80')
  const costs = find(/^Cost.*one CPU/)?.rows ?? []
  t.deepEqual(costs[1]?.slice(0, 2), ['CPU s/GB, sender', '0.5'])
  t.deepEqual(costs[2]?.slice(0, 2), ['CPU s/GB, receiver', '0.25'])
})

test('a terminal gets the same tables', (t) => {
  t.regex(terminalTables(results), /8 ±13% \(0\.80\)/)
})

test('the page says on what, when and how, and what is missing', (t) => {
  const text = section(results, plotsOf(results))
  for (const part of [
    '2 x Some CPU, 8 GiB, Linux 6.18.0',
    'Measured on 2026-01-02 03:04 UTC with `npm run bench`',
    'ovs-vswitchd (Open vSwitch) 3.1.0',
    'apt-get install tinc',
    '(benchmarks/veth-pinned.svg)',
    '| TCP, 1 flow | Gbit/s | 10 ±10% (1.00) | 8 ±13% (0.80) |',
  ]) {
    t.true(text.includes(part), part)
  }
})

test('results replace the last ones, and nothing else of the page', (t) => {
  const once = intoPage('# Page\n\nBefore.\n', 'first')
  const twice = intoPage(`${once}\nAfter.\n`, 'second')
  t.true(twice.startsWith('# Page\n\nBefore.\n'))
  t.true(twice.includes('second'))
  t.false(twice.includes('first'))
  t.true(twice.endsWith('\nAfter.\n'))
})

test('a plot is an SVG with every bar', (t) => {
  const plots = plotsOf(results)
  t.deepEqual(
    plots.map(({ file }) => file),
    ['veth-pinned.svg', 'veth-free.svg'],
  )
  t.regex(
    plots[0]?.svg ?? '',
    /^<svg [^]*>overtap \(udp only\): 0\.8 kernel vxlan = 1<[^]*<\/svg>$/,
  )
})
