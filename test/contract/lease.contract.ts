import test, { type ExecutionContext } from 'ava'
import { until } from '../support/until.js'
import {
  expired,
  fails,
  follow,
  puts,
  request,
  start,
} from './store-fixture.js'
import type { StoreFixture } from './store-fixture.js'

/** What every implementation of `Store` must do with the leases of hosts. */
export function leaseContract(
  name: string,
  prepare: (t: ExecutionContext) => Promise<StoreFixture>,
): void {
  const contract = (
    title: string,
    run: (t: ExecutionContext, fixture: StoreFixture) => Promise<void>,
  ) => {
    test(`${name}: ${title}`, async (t) => run(t, await prepare(t)))
  }

  contract(
    'a lease is registered, renewed and given up',
    async (t, { open }) => {
      const [store, other] = [await open(), await open()]
      const token = await store.register(request({ ttlMs: 60_000 }))
      t.is(token.host, 'h')
      const [lease] = await other.leases()
      t.like(lease, {
        host: 'h',
        fence: token.fence,
        owner: 'me',
        address: 'x',
      })
      t.true((lease?.remainingMs ?? 0) > 50_000)
      await store.renew(token, 120_000)
      t.true(((await other.leases())[0]?.remainingMs ?? 0) > 110_000)
      await store.commit({ puts: puts('a/1'), lease: token })
      await store.release(token)
      t.deepEqual(await other.leases(), [])
      await fails(t, 'STORE_FENCED', 'host h', () => store.renew(token, 1000))
      await fails(t, 'STORE_FENCED', 'host h', () =>
        store.commit({ puts: puts('a/2'), lease: token }),
      )
      await store.release(token)
      t.is((await store.snapshot()).revision, 1)
    },
  )

  contract('leases do not enter the change feed', async (t, { open }) => {
    const store = await open()
    const seen = follow(store, await start(store))
    const token = await store.register(request({ ttlMs: 60_000 }))
    await store.renew(token, 60_000)
    await store.commit({ puts: puts('a/1') })
    await store.release(token)
    t.like((await seen.take(1))[0], { revision: 1, changes: [{ key: 'a/1' }] })
    t.is((await store.snapshot()).revision, 1)
    await seen.end()
  })

  contract(
    'an expired lease fences, and can be renewed',
    async (t, { open }) => {
      const store = await open()
      const token = await store.register(request({ ttlMs: 20 }))
      await expired(store)
      await fails(t, 'STORE_FENCED', 'host h', () =>
        store.commit({ puts: puts('a/1'), lease: token }),
      )
      await fails(t, 'STORE_FENCED', 'host h', () =>
        store.claimFirst(['a/1'], 1, token),
      )
      t.is((await store.snapshot()).revision, 0)
      await store.renew(token, 60_000)
      t.is(await store.commit({ puts: puts('a/1'), lease: token }), 1)
    },
  )

  contract('a live name is refused to others', async (t, { open }) => {
    const [store, other] = [await open(), await open()]
    const first = await store.register(request({ ttlMs: 60_000 }))
    const rival = request({ owner: 'rival', address: 'y', ttlMs: 60_000 })
    await fails(t, 'HOST_IDENTITY_TAKEN', 'in use by x; this daemon is y', () =>
      other.register(rival),
    )
    const again = await store.register(request({ ttlMs: 20 }))
    t.true(again.fence > first.fence)
    await expired(store)
    const next = await other.register(rival)
    t.true(next.fence > again.fence)
    await fails(t, 'STORE_FENCED', 'host h', () => store.renew(again, 1000))
    await store.release(again)
    t.like((await store.leases())[0], { owner: 'rival', fence: next.fence })
  })

  contract(
    'an expired one is, too, while it is held for its address',
    async (t, { open }) => {
      const store = await open()
      const first = await store.register(request({ ttlMs: 20 }))
      await expired(store)
      const rival = request({ owner: 'rival', address: 'y' })
      await fails(t, 'HOST_IDENTITY_TAKEN', 'by x; this daemon is y', () =>
        store.register({ ...rival, holdMs: 60_000 }),
      )
      await store.register({ ...rival, holdMs: 1 })
      await fails(t, 'STORE_FENCED', 'host h', () => store.renew(first, 1000))
    },
  )

  contract(
    'the same address gets it as soon as it has expired',
    async (t, { open }) => {
      const store = await open()
      await store.register(request({ ttlMs: 20 }))
      await expired(store)
      await store.register(request({ owner: 'again', holdMs: 60_000 }))
      t.like((await store.leases())[0], { owner: 'again', address: 'x' })
    },
  )

  contract('a stale lease cannot write', async (t, { open }) => {
    const store = await open()
    const stale = await store.register(request({ ttlMs: 60_000 }))
    const fresh = await store.register(request({ ttlMs: 60_000 }))
    const write = (lease: typeof stale) => () =>
      store.commit({ puts: puts('a/1'), lease })
    await fails(t, 'STORE_FENCED', 'host h', write(stale))
    await fails(t, 'STORE_FENCED', 'host h', () =>
      store.claimFirst(['a/1'], 1, stale),
    )
    t.is(await write(fresh)(), 1)
  })

  contract('fences grow over a release and a loss', async (t, fixture) => {
    const store = await fixture.open()
    const first = await store.register(request({ ttlMs: 60_000 }))
    await store.release(first)
    const second = await store.register(request({ ttlMs: 60_000 }))
    t.true(second.fence > first.fence)
    await until(() => Date.now() > second.fence, 'the clock to move on')
    await fixture.clear()
    const rival = await store.register(
      request({ owner: 'rival', ttlMs: 60_000 }),
    )
    t.true(rival.fence > second.fence)
  })
}
