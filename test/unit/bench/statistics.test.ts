import test from 'ava'
import {
  median,
  ratio,
  summarize,
  summaryOf,
} from '../../../bench/ruler/statistics.js'
import { cell, rounds } from './samples.js'

test('the median is the middle, or between the two', (t) => {
  t.is(median([9, 1, 5]), 5)
  t.is(median([4, 1, 2, 3]), 2.5)
  t.true(Number.isNaN(median([])))
})

test('the spread is half of the range, relative to the median', (t) => {
  t.deepEqual(summarize([8, 10, 14]), { median: 10, spread: 0.3, count: 3 })
})

test('rounds of other cells do not count', (t) => {
  const samples = [
    ...rounds([10, 11, 12]),
    ...rounds([90], { placement: 'free' }),
    ...rounds([91], { load: 'tcp-4' }),
    ...rounds([92], { profile: 'mtu-9000' }),
    ...rounds([93], { contender: 'ovs' }),
  ]
  t.is(summaryOf(samples, cell)?.median, 11)
  t.is(summaryOf(samples, { ...cell, load: 'udp-64' }), undefined)
})

test('the ratio is that of medians, and absent without one of them', (t) => {
  const contender = 'overtap-udp'
  const samples = [
    ...rounds([10, 100, 10]),
    ...rounds([8, 1, 8], { contender }),
  ]
  t.is(ratio(samples, { ...cell, contender }, 'kernel-vxlan'), 0.8)
  t.is(ratio(samples, { ...cell, contender }, 'ovs'), undefined)
  t.is(ratio(samples, { ...cell, contender: 'ovs' }, contender), undefined)
})
