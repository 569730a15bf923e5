import test, { type ExecutionContext } from 'ava'
import { randomUUID } from 'node:crypto'
import { RedisStore } from '../../src/store/redis-store.js'
import { keyPrefix } from '../../src/store/redis-keys.js'
import { leaseContract } from './lease.contract.js'
import { lossContract } from './loss.contract.js'
import { RedisServer, redisServerMissing } from '../support/redis-server.js'
import type { StoreFixture } from './store-fixture.js'
import { storeContract } from './store.contract.js'

/** One server for the file; each test has an overlay cluster of its own in it. */
let server: RedisServer

if (redisServerMissing === undefined) {
  test.before(async () => {
    server = await RedisServer.launch()
  })
  test.after.always(() => server.remove())
  storeContract('redis', (t) => Promise.resolve(fixture(t)))
  leaseContract('redis', (t) => Promise.resolve(fixture(t)))
  lossContract('redis', (t) => Promise.resolve(fixture(t)))
} else {
  test.skip(`redis: ${redisServerMissing}`, () => undefined)
}

function fixture(t: ExecutionContext): StoreFixture {
  const cluster = randomUUID()
  const prefix = keyPrefix(cluster)
  return {
    async open() {
      const store = new RedisStore({ url: server.url, cluster })
      t.teardown(() => store.close())
      await store.connect()
      return store
    },
    async compact() {
      await server.command('XTRIM', `${prefix}log`, 'MAXLEN', '0')
    },
    async clear() {
      const keys = await keysOf(prefix)
      if (keys.length > 0) await server.command('DEL', ...keys)
    },
    async backup() {
      const keys = await keysOf(prefix)
      for (const key of keys) {
        await server.command('COPY', key, `backup:${key}`, 'REPLACE')
      }
      return async () => {
        await server.command('EVAL', restore, '0', prefix)
      }
    },
  }
}

async function keysOf(prefix: string): Promise<string[]> {
  return (await server.command('KEYS', `${prefix}*`)) as string[]
}

/** In one step, as a server that comes back with an old file does. */
const restore = `
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do redis.call('DEL', key) end
for _, key in ipairs(redis.call('KEYS', 'backup:' .. ARGV[1] .. '*')) do
  redis.call('COPY', key, string.sub(key, 8), 'REPLACE')
end`
