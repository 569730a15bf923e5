/**
 * The clock of Redis is set back by an hour: what was to end in a moment seems
 * to be an hour away. Here those ends are moved instead of the clock.
 */
import type { ExecutionContext } from 'ava'
import { RedisStore } from '../../src/store/redis-store.js'
import { RedisServer, redisServerMissing } from '../support/redis-server.js'
import { testUnless } from '../support/test-unless.js'
import { until } from '../support/until.js'
import { expired, fails, request, start } from './store-fixture.js'

const hourMs = 3_600_000

async function prepare(t: ExecutionContext) {
  const server = await RedisServer.launch()
  t.teardown(() => server.remove())
  const store = new RedisStore({ url: server.url, cluster: 'c' })
  t.teardown(() => store.close())
  await store.connect()
  return { server, store }
}

testUnless(
  redisServerMissing,
  'a lease lasts no longer than was asked for',
  async (t) => {
    const { server, store } = await prepare(t)
    const hash = 'overtap:{c}:leases'
    await store.register(request({ ttlMs: 200 }))
    const lease = JSON.parse(
      String(await server.command('HGET', hash, 'h')),
    ) as { expires: number }
    const later = { ...lease, expires: lease.expires + hourMs }
    await server.command('HSET', hash, 'h', JSON.stringify(later))

    const rival = request({ owner: 'rival' })
    await fails(t, 'HOST_IDENTITY_TAKEN', 'in use by x', () =>
      store.register(rival),
    )
    await expired(store)
    await store.register(rival)
    t.like((await store.leases())[0], { owner: 'rival' })
  },
)

testUnless(redisServerMissing, 'and so does the time to settle', async (t) => {
  const { server, store } = await prepare(t)
  const known = await start(store)
  await server.command('FLUSHALL')
  await store.declareLoss(known, 500)
  const later = String(Date.now() + hourMs)
  await server.command('HSET', 'overtap:{c}:head', 'settleUntil', later)

  const { settlesInMs } = await store.snapshot([])
  t.true(settlesInMs > 0 && settlesInMs <= 500, `${settlesInMs} ms`)
  await until(async () => (await store.snapshot([])).settlesInMs === 0)
})
