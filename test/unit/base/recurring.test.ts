import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { Recurring } from '../../../src/base/recurring.js'
import { FakeClock } from '../../support/fake-clock.js'

test('turns follow each other, one that fails included, until it is stopped', async (t) => {
  const clock = new FakeClock()
  const failures: unknown[] = []
  let turns = 0
  const recurring = new Recurring({
    clock,
    everyMs: 1000,
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects
    turn: async () => {
      turns += 1
      if (turns === 1) throw new Error('first')
    },
    onError: (error) => failures.push(error),
  })
  await pass(clock, 5000)
  t.is(turns, 0)

  recurring.start()
  await pass(clock, 1000)
  await pass(clock, 1000)
  t.is(turns, 2)
  t.like(failures, { length: 1, 0: { message: 'first' } })

  await recurring.stop()
  await pass(clock, 5000)
  t.is(turns, 2)
})

test('a turn that takes long holds up the next, and the end', async (t) => {
  const clock = new FakeClock()
  let turns = 0
  let finish: () => void = () => undefined
  const recurring = new Recurring({
    clock,
    everyMs: 1000,
    turn: () => {
      turns += 1
      return new Promise((resolve) => (finish = resolve))
    },
    onError: (error) => {
      t.fail(String(error))
    },
  })
  recurring.start()
  await pass(clock, 10_000)
  t.is(turns, 1)

  let stopped = false
  const stopping = recurring.stop().then(() => (stopped = true))
  await pass(clock, 10_000)
  t.false(stopped)
  finish()
  await stopping
  t.is(turns, 1)
})

async function pass(clock: FakeClock, ms: number): Promise<void> {
  clock.advance(ms)
  await setImmediate()
}
