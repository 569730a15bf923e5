import test, { type ExecutionContext } from 'ava'
import { drain, fails, follow, puts, start } from './store-fixture.js'
import type { StoreFixture } from './store-fixture.js'

/** How every implementation of `Store` tells of lost and of drifted data. */
export function lossContract(
  name: string,
  prepare: (t: ExecutionContext) => Promise<StoreFixture>,
): void {
  const contract = (
    title: string,
    run: (t: ExecutionContext, fixture: StoreFixture) => Promise<void>,
  ) => {
    test(`${name}: ${title}`, async (t) => run(t, await prepare(t)))
  }

  contract('an older copy is noticed by a watch', async (t, fixture) => {
    const store = await fixture.open()
    await store.commit({ puts: puts('a/1') })
    const restore = await fixture.backup()
    await store.commit({ puts: puts('a/2') })
    const running = drain(store, await start(store))
    await restore()
    await fails(t, 'STORE_REPLACED', 'revision 2', () => running)
  })

  contract('and when it counted past the position', async (t, fixture) => {
    const [store, other] = [await fixture.open(), await fixture.open()]
    const restore = await fixture.backup()
    await store.commit({ puts: puts('a/1') })
    const from = await start(store)
    await restore()
    for (const key of ['b/1', 'b/2', 'b/3']) {
      await other.commit({ puts: puts(key) })
    }
    await fails(t, 'STORE_REPLACED', 'revision 1', () => drain(store, from))
  })

  contract('a write that was confirmed and lost', async (t, fixture) => {
    const [writer, other] = [await fixture.open(), await fixture.open()]
    const from = await start(writer)
    const restore = await fixture.backup()
    await writer.commit({ puts: puts('a/1') })
    await restore()
    await fails(t, 'STORE_REPLACED', '', () => drain(writer, from))
    await other.commit({ puts: puts('b/1') })
    await other.commit({ puts: puts('b/2') })
    await fails(t, 'STORE_REPLACED', '', () => drain(writer, from))
    await writer.declareLoss(from, 60_000)
    t.not((await other.snapshot()).epoch, from.epoch)
  })

  contract('a loss once declared is noticed by all', async (t, fixture) => {
    const [one, two] = [await fixture.open(), await fixture.open()]
    await one.commit({ puts: puts('a/1') })
    const restore = await fixture.backup()
    const behind = await start(one)
    const running = drain(two, behind)
    await one.commit({ puts: puts('a/2') })
    const ahead = await start(one)
    await restore()
    await one.declareLoss(ahead, 60_000)
    await fails(t, 'STORE_REPLACED', '', () => running)
    const now = await two.snapshot()
    t.not(now.epoch, ahead.epoch)
    t.true(now.revision > ahead.revision + 1000)
    t.deepEqual(
      now.entries.map(({ key, version }) => [key, version]),
      [['a/1', 1]],
    )
    t.true(now.settlesInMs > 50_000 && now.settlesInMs <= 60_000)
    const seen = follow(two, now)
    t.is(await one.commit({ puts: puts('a/3') }), now.revision + 1)
    t.like((await seen.take(1))[0], { revision: now.revision + 1 })
    await seen.end()
  })

  contract('who declares it later changes nothing', async (t, fixture) => {
    const [one, two] = [await fixture.open(), await fixture.open()]
    await one.commit({ puts: puts('a/1') })
    const known = await start(one)
    await fixture.clear()
    t.is((await one.snapshot()).settlesInMs, 0)
    await one.declareLoss(known, 60_000)
    const first = await one.snapshot()
    await two.declareLoss(known, 600_000)
    const { epoch, settlesInMs } = await two.snapshot()
    t.is(epoch, first.epoch)
    t.true(settlesInMs > 50_000 && settlesInMs <= 60_000)
  })

  contract('a second loss begins the time anew', async (t, fixture) => {
    const store = await fixture.open()
    const known = await start(store)
    await fixture.clear()
    await store.declareLoss(known, 1000)
    const second = await start(store)
    await fixture.clear()
    await store.declareLoss(second, 60_000)
    const { settlesInMs } = await store.snapshot()
    t.true(settlesInMs > 50_000)
  })

  contract('no loss is declared where there is none', async (t, fixture) => {
    const [one, two] = [await fixture.open(), await fixture.open()]
    const early = await start(one)
    await one.commit({ puts: puts('a/1') })
    const known = await start(one)
    await two.commit({ puts: puts('a/2') })
    await one.declareLoss(known, 60_000)
    await fixture.compact()
    await one.declareLoss(early, 60_000)
    t.like(await two.snapshot(), {
      epoch: known.epoch,
      revision: 2,
      settlesInMs: 0,
    })
  })

  contract('digests are those of the records', async (t, { open }) => {
    const store = await open()
    t.like(await store.digests(), { revision: 0, collections: [] })
    await store.commit({ puts: puts('a/1', 'a/2', 'net/x/1') })
    await store.commit({ puts: puts('a/1', 'b/1') })
    await store.commit({ deletes: ['net/x/1', 'a/2', 'a/none'] })
    await store.claimFirst(['a/1', 'a/3'], 7)
    const { collections, ...place } = await store.digests()
    const { epoch } = await store.snapshot()
    t.deepEqual(place, { epoch, revision: 4 })
    const sorted = collections.toSorted((a, b) =>
      a.collection < b.collection ? -1 : 1,
    )
    t.deepEqual(sorted, [
      { collection: 'a', count: 2, versions: 6 },
      { collection: 'b', count: 1, versions: 2 },
    ])
    t.deepEqual(await store.digests(['a', 'b', 'none']), {
      ...place,
      collections,
    })
  })
}
