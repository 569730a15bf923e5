import test, { type ExecutionContext } from 'ava'
import type { RecordChange } from '../../../src/store/cluster-view.js'
import { MemoryBackend } from '../../../src/store/memory-backend.js'
import { MemoryStore } from '../../../src/store/memory-store.js'
import { keys } from '../../../src/store/records.js'
import { Replica, type StoreLoss } from '../../../src/store/replica.js'
import type { KnownPosition } from '../../../src/store/store.js'
import { FakeClock } from '../../support/fake-clock.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { passUntil, until } from '../../support/until.js'

const network = 'a'.repeat(64)
const claim = (host: string) => ({ host, endpoint: 'e'.repeat(64) })
const key = (last: number) => keys.address(network, `10.0.0.${last}`)
const put = (last: number, host = 'host2') => ({
  key: key(last),
  value: claim(host),
})

/** One store with claims of .2 and .3, and daemons that settle for 30 s. */
async function cluster(t: ExecutionContext) {
  const clock = new FakeClock()
  const backend = new MemoryBackend({ now: () => clock.now() })
  const writer = await client(t, backend)
  await writer.commit({ puts: [put(2), put(3)] })
  return { t, clock, backend, writer }
}

type TestCluster = Awaited<ReturnType<typeof cluster>>

async function client(t: ExecutionContext, backend: MemoryBackend) {
  const store = new MemoryStore(backend)
  t.teardown(() => store.close())
  await store.connect()
  return store
}

async function daemon(
  { t, backend, clock }: TestCluster,
  known?: KnownPosition,
) {
  const store = await client(t, backend)
  const logger = new RecordingLogger()
  const view = new Replica(store, { logger, clock, settleMs: 30_000 })
  const deleted: string[][] = []
  const losses: StoreLoss[] = []
  let settled = 0
  view.onChange((changes) => deleted.push(gone(changes)))
  view.onLoss((loss) => losses.push(loss))
  view.onSettled(() => settled++)
  await view.start(known)
  await view.hold([network])
  t.teardown(() => view.stop())
  return {
    ...{ store, view, losses },
    shown: () => [...view.addresses(network).keys()],
    deleted: () => deleted.filter(({ length }) => length > 0),
    settled: () => settled,
  }
}

function gone(changes: readonly RecordChange[]): string[] {
  return changes.filter(({ after }) => !after).map(({ id }) => id.slice(65))
}

test('what vanished is kept until the time is over', async (t) => {
  const all = await cluster(t)
  const { view, losses, shown, deleted, settled } = await daemon(all)
  all.backend.clear()
  await passUntil(all.clock, () => losses.length === 1)
  t.deepEqual(losses, [{ epoch: view.epoch, vanished: 2, settlesInMs: 30_000 }])
  t.true(view.settling)
  t.deepEqual(shown(), ['10.0.0.2', '10.0.0.3'])
  t.true(view.vanished(key(2)))
  const revision = await all.writer.commit({ puts: [put(2), put(4)] })
  await view.reached(revision, 5000)
  t.deepEqual(shown(), ['10.0.0.2', '10.0.0.3', '10.0.0.4'])
  t.false(view.vanished(key(2)))
  all.clock.advance(29_999)
  t.is(view.settlesInMs, 1)
  t.deepEqual(deleted(), [])
  all.clock.advance(1)
  t.false(view.settling)
  t.is(view.settlesInMs, 0)
  t.deepEqual(deleted(), [['10.0.0.3']])
  t.deepEqual(shown(), ['10.0.0.2', '10.0.0.4'])
  t.is(settled(), 1)
})

test('a delete while settling is a delete', async (t) => {
  const all = await cluster(t)
  const { view, losses, deleted } = await daemon(all)
  all.backend.clear()
  await passUntil(all.clock, () => losses.length === 1)
  await view.reached(await all.writer.commit({ deletes: [key(2)] }), 5000)
  t.deepEqual(deleted(), [['10.0.0.2']])
  all.clock.advance(30_000)
  t.deepEqual(deleted(), [['10.0.0.2'], ['10.0.0.3']])
})

test('an old copy is a loss, for all daemons', async (t) => {
  const all = await cluster(t)
  const restore = all.backend.backup()
  const [one, two] = [await daemon(all), await daemon(all)]
  const { epoch } = one.view
  const revision = await all.writer.commit({ puts: [put(4)] })
  await one.view.reached(revision, 5000)
  restore()
  await passUntil(all.clock, () => one.losses.length + two.losses.length === 2)
  t.not(one.view.epoch, epoch)
  t.is(one.view.epoch, two.view.epoch)
  t.deepEqual(one.shown(), ['10.0.0.2', '10.0.0.3', '10.0.0.4'])
  t.deepEqual(
    [2, 3, 4].map((last) => one.view.vanished(key(last))),
    [false, false, true],
  )
})

test('a second loss begins the time anew', async (t) => {
  const all = await cluster(t)
  const { view, losses, shown } = await daemon(all)
  all.backend.clear()
  await passUntil(all.clock, () => losses.length === 1)
  all.clock.advance(20_000)
  all.backend.clear()
  await passUntil(all.clock, () => losses.length === 2)
  all.clock.advance(20_000)
  t.true(view.settling)
  t.deepEqual(shown(), ['10.0.0.2', '10.0.0.3'])
  all.clock.advance(10_000)
  t.deepEqual(shown(), [])
})

test('an outage while settling does not use up the time', async (t) => {
  const all = await cluster(t)
  const { store, view, losses, shown } = await daemon(all)
  all.backend.clear()
  await passUntil(all.clock, () => losses.length === 1)
  store.setReachable(false)
  all.clock.advance(60_000)
  t.true(view.settling)
  store.setReachable(true)
  all.clock.advance(29_999)
  t.deepEqual(shown(), ['10.0.0.2', '10.0.0.3'])
  all.clock.advance(1)
  t.deepEqual(shown(), [])
})

test('a daemon that starts while others settle does so too', async (t) => {
  const all = await cluster(t)
  const first = await daemon(all)
  all.backend.clear()
  await passUntil(all.clock, () => first.losses.length === 1)
  all.clock.advance(10_000)
  const { view, losses, settled } = await daemon(all)
  t.is(view.settlesInMs, 20_000)
  t.is(losses.length, 0)
  all.clock.advance(20_000)
  t.false(view.settling)
  t.is(settled(), 1)
})

test('a daemon that knew another epoch finds the loss', async (t) => {
  const all = await cluster(t)
  const { epoch } = await all.writer.snapshot([])
  all.backend.clear()
  const late = await daemon(all, { epoch, revision: 0 })
  t.true(late.view.settling)
  t.is(late.losses.length, 1)
  const same = await daemon(all, { epoch: late.view.epoch, revision: 0 })
  t.true(same.view.settling)
  t.is(same.losses.length, 0)
})

test('a store used for the first time does not settle', async (t) => {
  const all = await cluster(t)
  all.backend.clear()
  const { view, losses } = await daemon(all)
  t.false(view.settling)
  t.is(losses.length, 0)
})

test('who waits for a write that was lost is told', async (t) => {
  const all = await cluster(t)
  const { view, losses } = await daemon(all)
  const error = t.throwsAsync(() => view.reached(100, 60_000), {
    code: 'STORE_UNAVAILABLE',
    message: /lost data/,
  })
  all.backend.clear()
  await passUntil(all.clock, () => losses.length === 1)
  await error
})

test('a store that is the old one again before anybody looked lost data', async (t) => {
  const parts = await cluster(t)
  const { backend, clock, writer } = parts
  const { losses, view } = await daemon(parts)
  const restore = backend.backup()
  backend.clear()
  await until(() => view.settling)
  await writer.commit({ puts: [put(4)] })
  restore()

  await passUntil(clock, () => losses.length > 0)

  t.is(losses.length, 1)
})
