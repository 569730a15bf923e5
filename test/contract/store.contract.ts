import test, { type ExecutionContext } from 'ava'
import type { ChangeBatch, Json } from '../../src/store/store.js'
import {
  byKey,
  drain,
  fails,
  follow,
  puts,
  start,
  type StoreFixture,
} from './store-fixture.js'

function withoutStamp({ revision, changes }: ChangeBatch) {
  return { revision, changes }
}

/**
 * What every implementation of `Store` must do. `prepare` makes the fixture and
 * registers its removal with the test.
 */
export function storeContract(
  name: string,
  prepare: (t: ExecutionContext) => Promise<StoreFixture>,
): void {
  const contract = (
    title: string,
    run: (t: ExecutionContext, fixture: StoreFixture) => Promise<void>,
  ) => {
    test(`${name}: ${title}`, async (t) => run(t, await prepare(t)))
  }

  contract('a new store is empty, at revision 0', async (t, { open }) => {
    const store = await open()
    const { revision, epoch, entries } = await store.snapshot()
    t.is(revision, 0)
    t.deepEqual(entries, [])
    t.is((await store.snapshot()).epoch, epoch)
    t.is((await (await open()).snapshot()).epoch, epoch)
    t.is(store.state, 'connected')
  })

  contract('values come back as they were put', async (t, { open }) => {
    const store = await open()
    const value: Json = {
      empty: { array: [], object: {}, text: '' },
      text: 'Zürich ✓ "quoted" \\ / \u0000 \n',
      numbers: [0, -1.5, 9007199254740991, 1e300],
      other: [null, true, false],
    }
    await store.commit({ puts: [{ key: 'a/b/c', value }] })
    await store.commit({ puts: [{ key: 'a/x', value: 7 }] })
    const { revision, entries } = await store.snapshot()
    t.is(revision, 2)
    t.deepEqual(byKey(entries), [
      { key: 'a/b/c', value, version: 1 },
      { key: 'a/x', value: 7, version: 2 },
    ])
  })

  contract('a snapshot can be of some collections', async (t, { open }) => {
    const store = await open()
    await store.commit({ puts: puts('net/a', 'net/b', 'net/a/x', 'host/h') })
    t.deepEqual(
      byKey((await store.snapshot(['net', 'nothing'])).entries).map(
        ({ key }) => key,
      ),
      ['net/a', 'net/b'],
    )
    t.deepEqual((await store.snapshot([])).entries, [])
  })

  contract('commits take consecutive revisions', async (t, { open }) => {
    const [one, two] = [await open(), await open()]
    t.is(await one.commit({ puts: puts('a/1') }), 1)
    t.is(await two.commit({ puts: puts('a/2') }), 2)
    t.is(await one.commit({ deletes: ['a/1', 'a/absent'] }), 3)
    t.is(await two.commit({ guards: [{ empty: 'b' }] }), 3)
    const { revision, entries } = await one.snapshot()
    t.is(revision, 3)
    t.deepEqual(entries, [{ key: 'a/2', value: 'a/2', version: 2 }])
  })

  contract('guards on versions', async (t, { open }) => {
    const store = await open()
    const version = await store.commit({
      guards: [{ key: 'a/1', version: null }],
      puts: puts('a/1'),
    })
    await fails(t, 'STORE_CONFLICT', 'a/1', () =>
      store.commit({
        guards: [{ key: 'a/1', version: null }],
        puts: puts('a/2'),
      }),
    )
    const next = await store.commit({
      guards: [{ key: 'a/1', version }],
      puts: puts('a/1'),
    })
    await fails(t, 'STORE_CONFLICT', 'a/1', () =>
      store.commit({ guards: [{ key: 'a/1', version }], deletes: ['a/1'] }),
    )
    await fails(t, 'STORE_CONFLICT', 'a/2', () =>
      store.commit({ guards: [{ key: 'a/2', version: next }] }),
    )
    t.deepEqual((await store.snapshot()).entries, [
      { key: 'a/1', value: 'a/1', version: next },
    ])
  })

  contract('a guard that a collection is empty', async (t, { open }) => {
    const store = await open()
    await store.commit({ puts: puts('net/1', 'ep/1/x') })
    const remove = () =>
      store.commit({ guards: [{ empty: 'ep/1' }], deletes: ['net/1'] })
    await fails(t, 'STORE_CONFLICT', 'ep/1', remove)
    await store.commit({ deletes: ['ep/1/x'] })
    t.is(await remove(), 3)
    t.deepEqual((await store.snapshot()).entries, [])
  })

  contract('a conflict leaves nothing behind', async (t, { open }) => {
    const store = await open()
    await store.commit({ puts: puts('a/1') })
    await fails(t, 'STORE_CONFLICT', 'a/1', () =>
      store.commit({
        guards: [{ empty: 'b' }, { key: 'a/1', version: null }],
        puts: puts('b/1'),
        deletes: ['a/1'],
      }),
    )
    t.like(await store.snapshot(), {
      revision: 1,
      entries: [{ key: 'a/1' }],
    })
    const seen = follow(await open(), await start(store, 0))
    await store.commit({ puts: puts('a/2') })
    t.deepEqual(
      (await seen.take(2)).map(({ revision }) => revision),
      [1, 2],
    )
    await seen.end()
  })

  contract('watch gives the changes of each commit', async (t, { open }) => {
    const store = await open()
    const seen = follow(await open(), await start(store))
    await store.commit({ puts: puts('a/1', 'b/2') })
    await store.commit({ puts: puts('a/1'), deletes: ['b/2', 'b/none'] })
    await store.claimFirst(['a/1', 'a/4'], [])
    const batches = await seen.take(3)
    t.is(new Set(batches.map(({ stamp }) => stamp)).size, 3)
    t.deepEqual(batches.map(withoutStamp), [
      {
        revision: 1,
        changes: [
          { op: 'put', key: 'a/1', value: 'a/1', replaces: null },
          { op: 'put', key: 'b/2', value: 'b/2', replaces: null },
        ],
      },
      {
        revision: 2,
        changes: [
          { op: 'put', key: 'a/1', value: 'a/1', replaces: 1 },
          { op: 'delete', key: 'b/2', was: { value: 'b/2', version: 1 } },
          { op: 'delete', key: 'b/none', was: null },
        ],
      },
      {
        revision: 3,
        changes: [{ op: 'put', key: 'a/4', value: [], replaces: null }],
      },
    ])
    await seen.end()
  })

  contract(
    'watch has no gap and no duplicate under concurrent writers',
    async (t, { open }) => {
      const writers = await Promise.all(Array.from({ length: 4 }, open))
      const before = await start(await open())
      const early = follow(await open(), before)
      const writing = writers.map(async (store, w) => {
        for (let i = 0; i < 100; i++) {
          await store.commit({ puts: puts(`w${w}/${i}`) })
        }
      })
      const late = await writers[0]?.snapshot()
      if (!late) throw new Error('no snapshot')
      const joined = follow(await open(), late)
      await Promise.all(writing)
      const all = await early.take(400)
      t.deepEqual(
        all.map(({ revision }) => revision),
        Array.from({ length: 400 }, (_, i) => i + 1),
      )
      t.is(new Set(all.map(({ changes }) => changes[0]?.key)).size, 400)
      const rest = await joined.take(400 - late.revision)
      t.deepEqual(rest, all.slice(late.revision))
      for (let w = 0; w < 4; w++) {
        const own = all
          .map(({ changes }) => changes[0]?.key ?? '')
          .filter((key) => key.startsWith(`w${w}/`))
        t.deepEqual(
          own,
          Array.from({ length: 100 }, (_, i) => `w${w}/${i}`),
        )
      }
      await Promise.all([early.end(), joined.end()])
    },
  )

  contract('watch ends when aborted, and on close', async (t, { open }) => {
    const [one, two] = [await open(), await open()]
    const from = await start(one)
    const aborted = follow(one, from)
    const closed = follow(two, from)
    await one.commit({ puts: puts('a/1') })
    await Promise.all([aborted.take(1), closed.take(1)])
    await aborted.end()
    await two.close()
    await closed.ended
    const never = new AbortController()
    never.abort()
    for await (const batch of one.watch(from, never.signal)) {
      t.fail(`aborted before, gave ${batch.revision}`)
    }
    t.pass()
  })

  contract(
    'watch says so when the feed is cut',
    async (t, { open, compact }) => {
      const store = await open()
      const from = await start(store)
      await store.commit({ puts: puts('a/1') })
      await store.commit({ puts: puts('a/2') })
      await compact()
      await fails(t, 'STORE_COMPACTED', 'revision 0', () => drain(store, from))
      const seen = follow(store, await start(store))
      await store.commit({ puts: puts('a/3') })
      t.like((await seen.take(1))[0], { revision: 3 })
      await seen.end()
    },
  )

  contract('watch says so when data were lost', async (t, { open, clear }) => {
    const store = await open()
    await store.commit({ puts: puts('a/1') })
    const from = await start(store)
    const running = drain(store, from)
    await clear()
    await fails(t, 'STORE_REPLACED', 'revision 1', () => running)
    await store.commit({ puts: puts('b/1') })
    await fails(t, 'STORE_REPLACED', 'revision 1', () => drain(store, from))
    const { epoch, revision } = await store.snapshot()
    t.is(revision, 1)
    t.not(epoch, from.epoch)
  })

  contract('watch refuses a future revision', async (t, { open }) => {
    const store = await open()
    const { epoch } = await store.snapshot()
    await fails(t, 'STORE_REPLACED', 'revision 5', () =>
      drain(store, { epoch, revision: 5 }),
    )
  })

  contract('claimFirst takes the first absent key', async (t, { open }) => {
    const store = await open()
    await store.commit({ puts: puts('ip/n/1') })
    const keys = ['ip/n/1', 'ip/n/2', 'ip/n/3']
    t.deepEqual(await store.claimFirst(keys, { by: 'x' }), {
      key: 'ip/n/2',
      revision: 2,
    })
    t.like(await store.claimFirst(keys, 'y'), { key: 'ip/n/3' })
    t.is(await store.claimFirst(keys, 'z'), null)
    t.is(await store.claimFirst([], 'z'), null)
    const { revision, entries } = await store.snapshot()
    t.is(revision, 3)
    t.deepEqual(byKey(entries)[1], {
      key: 'ip/n/2',
      value: { by: 'x' },
      version: 2,
    })
  })

  contract('8 concurrent claimers get distinct keys', async (t, { open }) => {
    const clients = await Promise.all(Array.from({ length: 8 }, open))
    const keys = Array.from({ length: 250 }, (_, i) => `ip/net/10.0.0.${i + 2}`)
    const claims = await Promise.all(
      clients.map(async (store, c) => {
        const own: (string | undefined)[] = []
        for (let i = 0; i < 32; i++) {
          own.push((await store.claimFirst(keys, { client: c }))?.key)
        }
        return own
      }),
    )
    const got = claims.flat().filter((key) => key !== undefined)
    t.deepEqual(got.toSorted(), keys.toSorted())
  })

  contract('a closed store refuses calls', async (t, { open }) => {
    const store = await open()
    await store.close()
    await store.close()
    await fails(t, 'STORE_UNAVAILABLE', '', () => store.snapshot())
    await fails(t, 'STORE_UNAVAILABLE', '', () =>
      store.commit({ puts: puts('a/1') }),
    )
  })
}
