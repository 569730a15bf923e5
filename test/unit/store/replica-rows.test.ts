import test, { type ExecutionContext } from 'ava'
import type { RecordChange } from '../../../src/store/cluster-view.js'
import { MemoryBackend } from '../../../src/store/memory-backend.js'
import { MemoryStore } from '../../../src/store/memory-store.js'
import { keys, rowCollections } from '../../../src/store/records.js'
import { Replica, type DriftRepair } from '../../../src/store/replica.js'
import type { Digests, Snapshot } from '../../../src/store/store.js'
import { FakeClock } from '../../support/fake-clock.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { passUntil, until } from '../../support/until.js'

const [mine, other] = ['a'.repeat(64), 'b'.repeat(64)]
const claim = { host: 'host2', endpoint: '1'.repeat(64) }

/** Lets a test do something while rows are read, and spoil digests. */
class SlowStore extends MemoryStore {
  meanwhile: () => Promise<void> = () => Promise.resolve()
  distort = (digests: Digests): Digests => digests

  override async digests(): Promise<Digests> {
    return this.distort(await super.digests())
  }

  override async snapshot(collections?: readonly string[]): Promise<Snapshot> {
    const snapshot = await super.snapshot(collections)
    if (collections?.includes(keys.addresses(mine))) await this.meanwhile()
    return snapshot
  }
}

async function follower(t: ExecutionContext) {
  const clock = new FakeClock()
  const backend = new MemoryBackend({ now: () => clock.now() })
  const store = new SlowStore(backend)
  await store.connect()
  const logger = new RecordingLogger()
  const view = new Replica(store, { logger, clock, compareMs: 1000 })
  const changes: string[] = []
  const news: string[] = []
  view.onChange((some) => changes.push(...some.map(describe)))
  view.onNews((some) => news.push(...some.map(describe)))
  await view.start()
  t.teardown(() => view.stop())
  return { clock, backend, store, view, changes, news }
}

function describe({ kind, id, before, after }: RecordChange): string {
  const what = before ? (after ? 'changed' : 'went') : 'came'
  return `${kind} ${id.slice(0, 1)} ${id.slice(65)} ${what}`
}

function put(network: string, address: string, part: object = {}) {
  const value = { ...claim, ...part }
  return { puts: [{ key: keys.address(network, address), value }] }
}

function addresses(view: Replica, network = mine): string[] {
  return [...view.addresses(network).keys()].sort()
}

test('rows are those of the networks that are held', async (t) => {
  const { backend, view, changes } = await follower(t)
  backend.commit(put(mine, '10.0.0.2'))
  backend.commit(put(other, '10.0.1.2'))
  await view.reached(2, 1000)
  t.deepEqual([addresses(view), addresses(view, other)], [[], []])

  await view.hold([mine])
  await view.reached(backend.commit(put(mine, '10.0.0.3')), 1000)
  await view.reached(backend.commit(put(other, '10.0.1.3')), 1000)

  t.deepEqual(addresses(view), ['10.0.0.2', '10.0.0.3'])
  t.deepEqual(addresses(view, other), [])
  t.deepEqual(changes, ['address a 10.0.0.2 came', 'address a 10.0.0.3 came'])
})

test('what comes and goes while rows are read is neither lost nor told twice', async (t) => {
  const { backend, store, view, changes } = await follower(t)
  backend.commit(put(mine, '10.0.0.2'))
  backend.commit(put(mine, '10.0.0.3'))
  store.meanwhile = async () => {
    backend.commit({ deletes: [keys.address(mine, '10.0.0.2')] })
    await view.reached(backend.commit(put(mine, '10.0.0.4')), 1000)
  }

  await view.hold([mine])

  t.deepEqual(addresses(view), ['10.0.0.3', '10.0.0.4'])
  t.deepEqual(changes, [
    'address a 10.0.0.2 came',
    'address a 10.0.0.3 came',
    'address a 10.0.0.2 went',
    'address a 10.0.0.4 came',
  ])
})

test('changes that the rows have already are passed over', async (t) => {
  const { backend, view } = await follower(t)
  backend.commit(put(mine, '10.0.0.2'))
  // The feed has not had its turn when the rows are read.
  backend.commit({ deletes: [keys.address(mine, '10.0.0.2')] })
  backend.commit(put(mine, '10.0.0.3'))
  const held = view.hold([mine])
  await held
  await view.reached(3, 1000)
  t.deepEqual(addresses(view), ['10.0.0.3'])
  t.is(view.addresses(mine).get('10.0.0.3')?.version, 3)
})

test('news are of all networks, and not of what was there before', async (t) => {
  const { backend, view, news } = await follower(t)
  backend.commit(put(other, '10.0.1.2'))
  backend.commit(put(other, '10.0.1.2', { host: 'host3' }))
  backend.commit({ deletes: [keys.address(other, '10.0.1.2')] })
  await view.reached(backend.commit(put(mine, '10.0.0.2')), 1000)

  await view.hold([mine])
  await view.drop(mine)

  t.deepEqual(news, [
    'address b 10.0.1.2 came',
    'address b 10.0.1.2 went',
    'address a 10.0.0.2 came',
  ])
})

test('rows that are dropped are gone, and can be held again', async (t) => {
  const { backend, view } = await follower(t)
  backend.commit(put(mine, '10.0.0.2'))
  await view.hold([mine])
  await view.drop(mine)
  t.false(view.holds(mine))
  t.deepEqual(addresses(view), [])

  await view.reached(backend.commit(put(mine, '10.0.0.3')), 1000)
  await view.hold([mine])

  t.deepEqual(addresses(view), ['10.0.0.2', '10.0.0.3'])
})

test('a snapshot after a gap has the rows that are held', async (t) => {
  const { backend, store, view, clock } = await follower(t)
  await view.hold([mine])
  store.setReachable(false)
  backend.commit(put(mine, '10.0.0.2'))
  backend.commit(put(other, '10.0.1.2'))
  backend.compact()
  store.setReachable(true)
  await passUntil(clock, () => view.revision === 2)
  t.deepEqual(addresses(view), ['10.0.0.2'])
  t.deepEqual(addresses(view, other), [])
})

test('rows that cannot be read are not held', async (t) => {
  const { backend, store, view } = await follower(t)
  backend.commit(put(mine, '10.0.0.2'))
  store.setReachable(false)
  await t.throwsAsync(view.hold([mine]), { code: 'STORE_UNAVAILABLE' })
  t.false(view.holds(mine))
  store.setReachable(true)
  await view.hold([mine])
  t.deepEqual(addresses(view), ['10.0.0.2'])
})

test('only what is held is compared with the store', async (t) => {
  const { backend, store, view, clock } = await follower(t)
  const repairs: DriftRepair[] = []
  view.onDrift((repair) => repairs.push(repair))
  backend.commit(put(mine, '10.0.0.2'))
  backend.commit(put(other, '10.0.1.2'))
  await view.hold([mine])
  let compared = 0
  store.distort = (digests) => {
    compared++
    return digests
  }
  await passUntil(clock, () => compared > 3)
  t.deepEqual(repairs, [])

  store.distort = (digests) => ({
    ...digests,
    collections: [...rowCollections(mine), ...rowCollections(other)].map(
      (collection) => ({ collection, count: 9, versions: 9 }),
    ),
  })
  await passUntil(clock, () => repairs.length > 0)
  const found = repairs[0]?.collections ?? []
  t.deepEqual([...found].sort(), rowCollections(mine).sort())
  await until(() => addresses(view).length === 1)
})
