import test from 'ava'
import { backoff, backoffMs } from '../../../src/base/backoff.js'

test('doubles from 100 ms to 5 s, half of it random', (t) => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((n) =>
    backoffMs(n, () => 1),
  )
  t.deepEqual(longest, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  t.is(
    backoffMs(0, () => 0),
    50,
  )
  t.is(
    backoffMs(9, () => 0),
    2500,
  )
})

test('an abort ends the wait without an error', async (t) => {
  const stop = new AbortController()
  const waiting = backoff(1000, stop.signal)
  stop.abort()
  await waiting
  await backoff(1000, stop.signal)
  t.pass()
})
