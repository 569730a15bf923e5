/** A master that dies, as its Sentinel sees it and as overtap does. */
import type { ExecutionContext } from 'ava'
import { isOvertapError } from '../../src/base/errors.js'
import { keys } from '../../src/store/records.js'
import { RedisStore } from '../../src/store/redis-store.js'
import { Replica, type StoreLoss } from '../../src/store/replica.js'
import { RecordingLogger } from '../support/recording-logger.js'
import {
  freePort,
  RedisServer,
  redisServerMissing,
} from '../support/redis-server.js'
import { inStep, launchWatched, leaveBehind } from '../support/sentinels.js'
import { testUnless } from '../support/test-unless.js'
import { until } from '../support/until.js'
import { fails, follow, puts, start } from './store-fixture.js'

const network = 'a'.repeat(64)
/** One Sentinel is enough to decide here. */
function watchedBySentinel(t: ExecutionContext) {
  return launchWatched({ count: 1, downAfterMs: 500 }, (end) => {
    t.teardown(end)
  })
}

async function connected(t: ExecutionContext, url: string) {
  const store = new RedisStore({ url, cluster: 'c' })
  t.teardown(() => store.close())
  await store.connect()
  return store
}

/** Tries until the store takes it. */
async function commitSoon(store: RedisStore, key: string): Promise<number> {
  let revision = 0
  await until(async () => {
    try {
      revision = await store.commit({ puts: puts(key) })
      return true
    } catch (error) {
      if (isOvertapError(error, 'STORE_UNAVAILABLE')) return false
      throw error
    }
  }, 'a master')
  return revision
}

testUnless(
  redisServerMissing,
  'a failover that loses nothing is a pause of the feed',
  async (t) => {
    t.timeout(30_000)
    const watched = await watchedBySentinel(t)
    const { master, url } = watched
    const store = await connected(t, url)
    const seen = follow(await connected(t, url), await start(store))
    for (const key of ['a/1', 'a/2', 'a/3']) {
      await store.commit({ puts: puts(key) })
    }
    await inStep(watched)
    await master.stop('SIGKILL')
    await commitSoon(store, 'a/4')
    const batches = await seen.take(4)
    t.deepEqual(
      batches.map(({ revision }) => revision),
      [1, 2, 3, 4],
    )
    await seen.end()
  },
)

testUnless(
  redisServerMissing,
  'writes that a failover loses are noticed',
  async (t) => {
    t.timeout(30_000)
    const watched = await watchedBySentinel(t)
    const { master, replica, url } = watched
    const store = await connected(t, url)
    const view = new Replica(store, {
      logger: new RecordingLogger(),
      settleMs: 60_000,
    })
    const losses: StoreLoss[] = []
    view.onLoss((loss) => losses.push(loss))
    await store.commit({ puts: [claim(2)] })
    await view.start()
    await view.hold([network])
    t.teardown(() => view.stop())
    const { epoch } = view

    await inStep(watched)
    await leaveBehind(watched)
    await view.reached(await store.commit({ puts: [claim(3)] }), 5000)
    await master.stop('SIGKILL')
    replica.thaw()

    await until(() => losses.length === 1, 'the loss')
    t.not(view.epoch, epoch)
    t.true(view.settling)
    t.deepEqual([...view.addresses(network).keys()], ['10.0.0.2', '10.0.0.3'])
    t.true(view.vanished(claim(3).key))
    t.false(view.vanished(claim(2).key))
    const revision = await store.commit({ puts: [claim(3)] })
    await view.reached(revision, 5000)
    t.false(view.vanished(claim(3).key))
  },
)

function claim(last: number) {
  const value = { host: 'host2', endpoint: 'e'.repeat(64) }
  return { key: keys.address(network, `10.0.0.${last}`), value }
}

testUnless(
  redisServerMissing,
  'a master that has been demoted counts as away',
  async (t) => {
    const server = await RedisServer.launch()
    t.teardown(() => server.remove())
    const store = await connected(t, server.url)
    await store.commit({ puts: puts('a/1') })
    const nobody = String(await freePort())
    await server.command('REPLICAOF', '127.0.0.1', nobody)
    await fails(t, 'STORE_UNAVAILABLE', 'READONLY', () =>
      store.commit({ puts: puts('a/2') }),
    )
    t.is(store.state, 'reconnecting')
    await server.command('REPLICAOF', 'NO', 'ONE')
    t.is(await commitSoon(store, 'a/2'), 2)
  },
)
