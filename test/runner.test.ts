import test from 'ava'
import {
  describe,
  readAva,
  readCheck,
  readDoctest,
  readFuzzer,
  tally,
  total,
} from './runner/tally.js'

const passing = `
  ✔ first
  ✔ second (1.2s)
  - [skip] third
  ─

  2 tests passed
  1 test skipped
`

const failing = `
  ✔ first
  ✘ [fail]: second
  ─

  second

  1 test failed
  1 unhandled rejection
`

test('counts what ava says', (t) => {
  t.deepEqual(tally(readAva, passing, 0), { passed: 2, failed: 0, skipped: 1 })
  t.deepEqual(tally(readAva, failing, 1), { passed: 1, failed: 2, skipped: 0 })
})

test('reads through colours', (t) => {
  const coloured = passing.replace(
    '2 tests passed',
    '\u001b[32m2 tests passed\u001b[39m',
  )
  t.is(tally(readAva, coloured, 0).passed, 2)
})

test('adds up several doctest programs', (t) => {
  const output = `
[doctest] test cases: 12 | 12 passed | 0 failed | 1 skipped
[doctest] assertions: 90 | 90 passed | 0 failed |
[doctest] test cases:  3 |  2 passed | 1 failed | 0 skipped
`
  t.deepEqual(tally(readDoctest, output, 1), {
    passed: 14,
    failed: 1,
    skipped: 1,
  })
})

test('counts each fuzz target once', (t) => {
  const output =
    'Done 20000 runs in 2 second(s)\nfuzz a: passed\nfuzz b: failed\n'
  t.deepEqual(tally(readFuzzer, output, 2), {
    passed: 1,
    failed: 1,
    skipped: 0,
  })
})

test('a suite that dies without a summary is a failure', (t) => {
  for (const reader of [readAva, readDoctest, readFuzzer]) {
    t.is(tally(reader, 'Segmentation fault', 139).failed, 1)
    t.is(tally(reader, '', 0).failed, 1)
  }
})

test('a suite that fails without naming a failure is one', (t) => {
  t.is(tally(readAva, passing, 1).failed, 1)
})

test('a check passes or fails as a whole', (t) => {
  t.is(tally(readCheck, 'anything', 0).passed, 1)
  t.is(tally(readCheck, 'anything', 2).failed, 1)
})

test('the last line is the sum of all', (t) => {
  const sum = total([
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 2, failed: 1, skipped: 0 },
  ])
  t.is(describe(sum), '5 passed, 1 failed, 1 skipped')
})
