import anyTest from 'ava'
import type { TestFn } from 'ava'
import { HostWatch } from '../../../../src/node/janitor/host-watch.js'
import { FakeClock } from '../../../support/fake-clock.js'

const times = { ttl: 15_000, renew: 4000, dead: 45_000, hold: 600_000 }

interface Context {
  readonly clock: FakeClock
  readonly watch: HostWatch
}

const test = anyTest as TestFn<Context>

test.beforeEach((t) => {
  const clock = new FakeClock()
  t.context = { clock, watch: new HostWatch(clock, times) }
})

function look({ watch }: Context, remainingMs: number, fence = 1) {
  const lease = { host: 'h', fence, owner: 'o', address: 'a', remainingMs }
  return watch.look([{ host: 'h', lease }]).get('h')
}

test('late, then missed, then given up', (t) => {
  const { clock } = t.context
  t.is(look(t.context, 1), 'up')
  t.is(look(t.context, -1), 'suspect')
  clock.advance(44_999)
  t.is(look(t.context, -45_000), 'suspect')
  clock.advance(1)
  t.is(look(t.context, -45_001), 'dead')
  clock.advance(600_000)
  t.is(look(t.context, -645_001), 'freed')
  t.is(look(t.context, 15_000), 'up')
})

test('a jump of the clock of the store kills nobody', (t) => {
  const { clock } = t.context
  t.is(look(t.context, 10_000), 'up')
  t.is(look(t.context, -3_600_000), 'suspect')
  clock.advance(4000)
  t.is(look(t.context, 15_000), 'up')
  clock.advance(60_000)
  t.is(look(t.context, -3_600_000), 'suspect', 'it counts from anew')
})

test('a time in which the store was away does not count', (t) => {
  const { clock, watch } = t.context
  look(t.context, -1)
  clock.advance(3_600_000)
  watch.forget()
  t.is(look(t.context, -3_600_000), 'suspect')
  clock.advance(45_000)
  t.is(look(t.context, -3_645_000), 'freed')
})

test('another registration begins anew', (t) => {
  const { clock } = t.context
  look(t.context, -1, 1)
  clock.advance(50_000)
  t.is(look(t.context, -50_000, 2), 'suspect')
})

test('a host that is listed without a lease is given up after all the time', (t) => {
  const { clock, watch } = t.context
  const sign = { host: 'h', lease: undefined }
  const phase = () => watch.look([sign]).get('h')
  t.is(phase(), 'suspect')
  clock.advance(45_000)
  t.is(phase(), 'dead')
  clock.advance(600_000)
  t.is(phase(), 'freed')
})
