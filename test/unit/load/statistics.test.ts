import test from 'ava'
import type { Sample } from '../../../src/load/sample.js'
import {
  median,
  ratio,
  summarize,
  summaryOf,
} from '../../../src/load/statistics.js'

function rounds(values: readonly number[], load: string, contender: string) {
  const latencyUs = { p50: 0, p99: 0, p999: 0 }
  return values.map((value): Sample => ({
    load,
    contender,
    value,
    loss: 0,
    latencyUs,
  }))
}

test('the median is the middle, or between the two', (t) => {
  t.is(median([9, 1, 5]), 5)
  t.is(median([4, 1, 2, 3]), 2.5)
  t.true(Number.isNaN(median([])))
})

test('the spread is half of the range, relative to the median', (t) => {
  t.deepEqual(summarize([8, 10, 14]), { median: 10, spread: 0.3, count: 3 })
})

test('rounds of other loads and contenders do not count', (t) => {
  const samples = [
    ...rounds([10, 11, 12], 'tcp-1', 'underlay'),
    ...rounds([91], 'tcp-4', 'underlay'),
    ...rounds([93], 'tcp-1', 'overlay'),
  ]
  t.is(summaryOf(samples, 'tcp-1', 'underlay')?.median, 11)
  t.is(summaryOf(samples, 'udp-64', 'underlay'), undefined)
})

test('the ratio is that of medians, and absent without one of them', (t) => {
  const samples = [
    ...rounds([10, 100, 10], 'tcp-1', 'underlay'),
    ...rounds([8, 1, 8], 'tcp-1', 'overlay'),
  ]
  t.is(ratio(samples, 'tcp-1', 'overlay', 'underlay'), 0.8)
  t.is(ratio(samples, 'tcp-1', 'overlay', 'other'), undefined)
  t.is(ratio(samples, 'tcp-1', 'other', 'overlay'), undefined)
})
