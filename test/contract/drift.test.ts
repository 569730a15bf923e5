/** A replica on a real Redis whose hashes somebody edits by hand. */
import { RedisStore } from '../../src/store/redis-store.js'
import { keys } from '../../src/store/records.js'
import { Replica, type DriftRepair } from '../../src/store/replica.js'
import type { ExecutionContext } from 'ava'
import { RecordingLogger } from '../support/recording-logger.js'
import { RedisServer, redisServerMissing } from '../support/redis-server.js'
import { testUnless } from '../support/test-unless.js'
import { until } from '../support/until.js'

const network = 'a'.repeat(64)
const collection = `address/${network}`
const hash = `overtap:{c}:c:${collection}`
const claim = { host: 'host2', endpoint: 'e'.repeat(64) }

function claims(...last: number[]) {
  return last.map((number) => ({
    key: keys.address(network, `10.0.0.${number}`),
    value: claim,
  }))
}

/** Claims of .2, .3 and .4, and a replica that compares ten times a second. */
async function following(t: ExecutionContext) {
  const server = await RedisServer.launch()
  t.teardown(() => server.remove())
  const store = new RedisStore({ url: server.url, cluster: 'c' })
  t.teardown(() => store.close())
  await store.connect()
  await store.commit({ puts: claims(2, 3, 4) })
  const logger = new RecordingLogger()
  const view = new Replica(store, { logger, compareMs: 100 })
  const repairs: DriftRepair[] = []
  view.onDrift((repair) => repairs.push(repair))
  await view.start()
  await view.hold([network])
  t.teardown(() => view.stop())
  const shown = () => [...view.addresses(network).keys()].toSorted()
  return { server, store, view, logger, repairs, shown }
}

testUnless(redisServerMissing, 'a record deleted by hand', async (t) => {
  const { server, repairs, shown } = await following(t)
  await server.command('HDEL', hash, '10.0.0.3')
  await until(() => repairs.length === 1)
  t.deepEqual(shown(), ['10.0.0.2', '10.0.0.4'])
  t.like(repairs[0], {
    collections: [collection],
    changes: [{ kind: 'address', id: `${network}/10.0.0.3`, before: claim }],
  })
})

testUnless(redisServerMissing, 'a record changed by hand', async (t) => {
  const { server, store, view, repairs } = await following(t)
  const other = JSON.stringify({ ...claim, host: 'host3' })
  await server.command('HSET', hash, '10.0.0.3', `9 ${other}`)
  await store.digests([collection])
  await until(() => repairs.length === 1)
  const record = view.addresses(network).get('10.0.0.3')
  t.like(record, { version: 9, value: { host: 'host3' } })
})

testUnless(redisServerMissing, 'a copy that went wrong', async (t) => {
  const { store, view, repairs, shown } = await following(t)
  const table = view.addresses(network) as Map<string, unknown>
  table.delete('10.0.0.2')
  await until(() => repairs.length === 1)
  t.deepEqual(shown(), ['10.0.0.2', '10.0.0.3', '10.0.0.4'])
  await view.reached(await store.commit({ puts: claims(5) }), 5000)
  t.is(shown().length, 4)
})

testUnless(redisServerMissing, 'a wrong sum is corrected', async (t) => {
  const { server, repairs, logger } = await following(t)
  await server.command('HSET', 'overtap:{c}:sums', collection, '77')
  const sum = () => server.command('HGET', 'overtap:{c}:sums', collection)
  await until(async () => (await sum()) === '3')
  await until(() => logger.messages('warn').length > 0)
  t.deepEqual(logger.messages('warn'), [
    `sums of the store corrected: ${collection}`,
  ])
  t.is(repairs.length, 0)
})

testUnless(
  redisServerMissing,
  'nothing is found under a stream of changes, bad records or not',
  async (t) => {
    const { store, view, repairs, logger } = await following(t)
    let compared = 0
    const digests = store.digests.bind(store)
    store.digests = (recount) => {
      compared++
      return digests(recount)
    }
    for (let round = 0; compared < 20; round++) {
      await store.commit({
        puts: [
          ...claims(10 + (round % 50)),
          { key: 'host/bad', value: round },
          { key: 'gadget/new', value: round },
        ],
        deletes: [keys.address(network, `10.0.0.${10 + ((round * 7) % 50)}`)],
      })
    }
    t.deepEqual(repairs, [])
    t.true(view.revision > 20)
    t.is(logger.messages('warn').length, 1)
  },
)
