/** What only a store over a network has: it goes away and comes back. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'
import { RedisStore } from '../../src/store/redis-store.js'
import type { StoreState } from '../../src/store/store.js'
import {
  freePort,
  RedisServer,
  redisServerMissing,
} from '../support/redis-server.js'
import { testUnless } from '../support/test-unless.js'
import { until } from '../support/until.js'
import { drain, fails, follow, puts, start } from './store-fixture.js'

function withServer(
  title: string,
  extra: readonly string[],
  run: (t: ExecutionContext, server: RedisServer) => Promise<void>,
): void {
  testUnless(redisServerMissing, title, async (t) => {
    const server = await RedisServer.launch(...extra)
    t.teardown(() => server.remove())
    await run(t, server)
  })
}

function storeAt(t: ExecutionContext, url: string): RedisStore {
  const store = new RedisStore({ url, cluster: 'c' })
  t.teardown(() => store.close())
  return store
}

async function connected(t: ExecutionContext, url: string) {
  const store = storeAt(t, url)
  await store.connect()
  return store
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await run()
  return performance.now() - before
}

withServer('a restart leaves no gap in the feed', [], async (t, server) => {
  const store = await connected(t, server.url)
  const states: StoreState[] = []
  store.onStateChange((state) => states.push(state))
  const seen = follow(store, await start(store))
  await store.commit({ puts: puts('a/1') })
  await server.stop()
  await until(() => store.state === 'reconnecting')
  const ms = await timed(() =>
    fails(t, 'STORE_UNAVAILABLE', 'cannot be reached', () => store.snapshot()),
  )
  t.true(ms < 500, `${ms} ms`)
  await server.start()
  await until(() => store.state === 'connected')
  await store.commit({ puts: puts('a/2') })
  t.deepEqual(
    (await seen.take(2)).map(({ revision }) => revision),
    [1, 2],
  )
  t.deepEqual(states, ['reconnecting', 'connected'])
  await seen.end()
})

withServer('a killed server loses no commit', [], async (t, server) => {
  const store = await connected(t, server.url)
  await store.commit({ puts: puts('a/1') })
  await server.stop('SIGKILL')
  await server.start()
  await until(() => store.state === 'connected')
  t.like(await store.snapshot(), { revision: 1, entries: [{ key: 'a/1' }] })
})

withServer('FLUSHALL is noticed', [], async (t, server) => {
  const store = await connected(t, server.url)
  await store.commit({ puts: puts('a/1') })
  const watching = drain(store, await start(store))
  await server.command('FLUSHALL')
  await fails(t, 'STORE_REPLACED', 'revision 1', () => watching)
})

withServer(
  'a store emptied and filled again is noticed at the next write',
  [],
  async (t, server) => {
    const store = await connected(t, server.url)
    await store.commit({ puts: puts('a/1') })
    const from = await start(store)
    const seen: number[] = []
    const watching = (async () => {
      const { signal } = new AbortController()
      for await (const batch of store.watch(from, signal)) {
        seen.push(batch.revision)
      }
    })()
    await until(async () => {
      const clients = String(await server.command('CLIENT', 'LIST'))
      return clients.includes('cmd=xread')
    })
    // In one step, so that the follower cannot look in between.
    await server.command(
      'EVAL',
      `local log = KEYS[1] .. 'log'
       redis.call('FLUSHALL')
       redis.call('HSET', KEYS[1] .. 'head', 'epoch', 'new', 'revision', 2, 'stamp', '9')
       redis.call('XADD', log, '1-0', 'stamp', '8', 'prev', '0', 'changes', '[["b/1","1"]]')
       redis.call('XADD', log, '2-0', 'stamp', '9', 'prev', '8', 'changes', '[["b/2","2"]]')`,
      '1',
      'overtap:{c}:',
    )
    await fails(t, 'STORE_REPLACED', 'revision 1', () => watching)
    t.deepEqual(seen, [])
  },
)

withServer(
  'a server that fell back to older data is noticed',
  [],
  async (t, server) => {
    const store = await connected(t, server.url)
    await store.commit({ puts: puts('a/1') })
    const watching = drain(store, await start(store))
    await server.command('HSET', 'overtap:{c}:head', 'revision', '0')
    await fails(t, 'STORE_REPLACED', 'revision 1', () => watching)
  },
)

withServer('the log is trimmed to its length', [], async (t, server) => {
  const store = new RedisStore({
    url: server.url,
    cluster: 'c',
    logLength: 100,
  })
  t.teardown(() => store.close())
  await store.connect()
  const from = await start(store)
  for (let i = 0; i < 250; i++) await store.commit({ puts: puts(`a/${i}`) })
  const kept = Number(await server.command('XLEN', 'overtap:{c}:log'))
  t.true(kept >= 100 && kept < 250, String(kept))
  await fails(t, 'STORE_COMPACTED', 'revision 0', () => drain(store, from))
})

withServer('forgotten scripts are sent again', [], async (t, server) => {
  const store = await connected(t, server.url)
  await store.commit({ puts: puts('a/1') })
  await store.commit({ puts: puts('a/2') })
  await server.command('SCRIPT', 'FLUSH')
  t.is(await store.commit({ puts: puts('a/3') }), 3)
})

withServer('a silent server fails calls in time', [], async (t, server) => {
  const store = await connected(t, server.url)
  const seen = follow(store, await start(store))
  server.freeze()
  const ms = await timed(() =>
    fails(t, 'STORE_UNAVAILABLE', 'timed out', () => store.snapshot()),
  )
  t.true(ms < 2500, `${ms} ms`)
  t.is(store.state, 'reconnecting')
  const next = await timed(() =>
    fails(t, 'STORE_UNAVAILABLE', 'timed out', () => store.snapshot()),
  )
  t.true(next < 500, `${next} ms`)
  const end = await timed(() => seen.end())
  t.true(end < 500, `${end} ms`)
  server.thaw()
  await until(() => store.state === 'connected')
  t.is((await store.snapshot()).revision, 0)
})

withServer(
  'the first connect tells why it fails',
  ['--requirepass', 'right'],
  async (t, server) => {
    const refused = (url: string, text: string) =>
      fails(t, 'STORE_UNAVAILABLE', text, () => storeAt(t, url).connect())
    await refused(`${server.url}?password=wrong`, 'WRONGPASS')
    await refused(server.url, 'NOAUTH')
    await refused('unix:///nowhere/redis.sock', 'ENOENT')
    const port = await freePort()
    await refused(`redis://127.0.0.1:${port}`, 'ECONNREFUSED')
    await refused(`redis://127.0.0.1:${port}/3`, 'ECONNREFUSED')
    await refused(`redis-sentinel://127.0.0.1:${port}/m`, 'no Sentinel')
    await refused(`redis-cluster://127.0.0.1:${port}`, 'no node')
    await connected(t, `${server.url}?password=right`)
  },
)

withServer('a failed connect leaves nothing behind', [], async (t, server) => {
  await server.stop()
  const store = storeAt(t, server.url)
  await fails(t, 'STORE_UNAVAILABLE', 'ENOENT', () => store.connect())
  await server.start()
  // Longer than the longest first retry would be.
  await sleep(300)
  t.notRegex(String(await server.command('CLIENT', 'LIST')), /name=overtap/)
  t.is(store.state, 'reconnecting')
  await store.connect()
  t.is(store.state, 'connected')
})

withServer('clusters on one Redis are apart', [], async (t, server) => {
  const one = await connected(t, server.url)
  const two = new RedisStore({ url: server.url, cluster: 'other' })
  t.teardown(() => two.close())
  await two.connect()
  await one.commit({ puts: puts('a/1') })
  t.is((await two.snapshot()).revision, 0)
})
