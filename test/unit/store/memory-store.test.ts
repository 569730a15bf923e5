import test from 'ava'
import { MemoryBackend } from '../../../src/store/memory-backend.js'
import { MemoryStore } from '../../../src/store/memory-store.js'
import type { StoreState } from '../../../src/store/store.js'

async function connected(backend?: MemoryBackend): Promise<MemoryStore> {
  const store = new MemoryStore(backend)
  await store.connect()
  return store
}

test('leases run by the clock it was given', async (t) => {
  let now = 1_000_000
  const store = await connected(new MemoryBackend({ now: () => now }))
  const lease = await store.register({
    host: 'h',
    owner: 'o',
    address: 'a',
    ttlMs: 15_000,
  })
  now += 14_999
  t.is((await store.leases())[0]?.remainingMs, 1)
  await store.commit({ puts: [{ key: 'a/1', value: 1 }], lease })
  now += 2
  t.is((await store.leases())[0]?.remainingMs, -1)
  await t.throwsAsync(() => store.commit({ lease }), { code: 'STORE_FENCED' })
})

test('a client out of reach fails at once and catches up later', async (t) => {
  const backend = new MemoryBackend()
  const [near, far] = [await connected(backend), await connected(backend)]
  const states: StoreState[] = []
  far.onStateChange((state) => states.push(state))
  const watch = far.watch(await far.snapshot(), new AbortController().signal)
  far.setReachable(false)
  await t.throwsAsync(() => far.snapshot(), { code: 'STORE_UNAVAILABLE' })
  await near.commit({ puts: [{ key: 'a/1', value: 1 }] })
  const next = watch.next()
  far.setReachable(true)
  t.like(await next, { value: { revision: 1 } })
  t.deepEqual(states, ['reconnecting', 'connected'])
})

test('readers cannot change what is stored', async (t) => {
  const store = await connected()
  const value = { list: [1, 2] }
  await store.commit({ puts: [{ key: 'a/1', value }] })
  value.list.push(3)
  const [entry] = (await store.snapshot()).entries
  t.deepEqual(entry?.value, { list: [1, 2] })
  t.throws(() => (entry?.value as typeof value).list.push(3))
})

test('the log has a limit', async (t) => {
  const store = await connected(new MemoryBackend({ logLength: 2 }))
  const { epoch } = await store.snapshot()
  for (const id of [1, 2, 3]) {
    await store.commit({ puts: [{ key: `a/${id}`, value: id }] })
  }
  const { signal } = new AbortController()
  const first = (revision: number) => () =>
    store.watch({ epoch, revision }, signal).next()
  t.like(await first(1)(), { value: { revision: 2 } })
  await t.throwsAsync(first(0), { code: 'STORE_COMPACTED' })
})

test('what is no key is refused', async (t) => {
  const store = await connected()
  for (const key of ['', 'a', '/a', 'a/']) {
    await t.throwsAsync(() => store.commit({ deletes: [key] }), {
      instanceOf: TypeError,
    })
  }
  t.is((await store.snapshot()).revision, 0)
})
