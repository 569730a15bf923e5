import test from 'ava'
import type { Figure } from '../../../bench/micro/figure.js'
import { growth, microTable } from '../../../bench/micro/report.js'
import { measureCases } from '../../../bench/micro/suite.js'

function figure(part: Partial<Figure>): Figure {
  const none = { bytes: 0, packets: 0, nanoseconds: 10, least: 9, most: 11 }
  return { group: 'lookup', name: '1 k', ...none, ...part }
}

test('growth is what 1 M entries cost, relative to 1 k of the same group', (t) => {
  const figures = [
    figure({ nanoseconds: 4 }),
    figure({ name: '10 k', nanoseconds: 99 }),
    figure({ name: '1 M', nanoseconds: 6 }),
    figure({ group: 'checksum', name: '64 B' }),
  ]
  t.deepEqual(growth(figures), { lookup: 1.5 })
})

test('packets and bytes are shown where they mean something', (t) => {
  const [, lookup, outbound] = microTable([
    figure({}),
    figure({
      group: 'outbound',
      nanoseconds: 2000,
      bytes: 64_000,
      packets: 40,
    }),
  ]).split('\n')
  t.regex(lookup ?? '', /^lookup +1 k +10 +9 +11 +- +-$/)
  t.regex(outbound ?? '', /^outbound +1 k +2000 +9 +11 +20 +32$/)
})

test('a case that gives no result is not measured', (t) => {
  const one = { group: 'g', name: 'n', work: () => undefined }
  t.throws(() => measureCases([one], 0.001), { message: 'g: n: no result' })
})

test('a case that fails later is no figure', (t) => {
  let times = 0
  const work = () => {
    if (times++ > 0) throw new Error('worn out')
    return true
  }
  t.throws(() => measureCases([{ group: 'g', name: 'n', work }], 0.001), {
    message: 'g: n',
  })
})
