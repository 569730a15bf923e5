import anyTest from 'ava'
import type { TestFn } from 'ava'
import { AddressIndex } from '../../../../src/node/endpoints/address-index.js'
import { MemoryBackend } from '../../../../src/store/memory-backend.js'
import { MemoryStore } from '../../../../src/store/memory-store.js'
import { Replica } from '../../../../src/store/replica.js'
import type { AddressClaim } from '../../../../src/store/records.js'
import { RecordingLogger } from '../../../support/recording-logger.js'
import { until } from '../../../support/until.js'

interface Context {
  readonly backend: MemoryBackend
  readonly replica: Replica
  readonly index: AddressIndex
}

const test = anyTest as TestFn<Context>
const network = 'a'.repeat(64)
const subnet = { subnet: '10.0.0.0/24', gateway: '10.0.0.1' }
const other = { subnet: '10.1.0.0/24', gateway: '10.1.0.1' }
const siblings = [subnet, other]

test.beforeEach(async (t) => {
  const backend = new MemoryBackend({ now: () => 0 })
  const store = new MemoryStore(backend)
  await store.connect()
  const replica = new Replica(store, { logger: new RecordingLogger() })
  const index = new AddressIndex(replica)
  replica.onChange((changes) => {
    index.apply(changes)
  })
  await replica.start()
  await replica.hold([network])
  t.context = { backend, replica, index }
})

test.afterEach.always((t) => t.context.replica.stop())

async function put(
  { backend, replica }: Context,
  address: string,
  rest: Partial<AddressClaim> = {},
): Promise<number> {
  const key = `address/${network}/${address}`
  const value = { host: 'host2', endpoint: 'e', ...rest }
  const revision = backend.commit({ puts: [{ key, value }] })
  await until(() => replica.revision === revision)
  return revision
}

test('each subnet goes on where it stands, as others claim', async (t) => {
  const { index } = t.context
  await put(t.context, '10.0.0.2')
  t.is(index.lastGiven(network, subnet, siblings), '10.0.0.2')
  t.is(index.lastGiven(network, other, siblings), undefined)

  await put(t.context, '10.0.0.9')
  await put(t.context, '10.1.0.4')
  await put(t.context, '10.0.0.3', { outOfTurn: true })

  t.is(index.lastGiven(network, subnet, siblings), '10.0.0.9')
  t.is(index.lastGiven(network, other, siblings), '10.1.0.4')
})

test('when the last one is given back the one before counts', async (t) => {
  const { index } = t.context
  await put(t.context, '10.0.0.2')
  await put(t.context, '10.0.0.3')
  t.is(index.lastGiven(network, subnet, siblings), '10.0.0.3')

  await put(t.context, '10.0.0.3', { released: { name: 'bbox1' } })

  t.is(index.lastGiven(network, subnet, siblings), '10.0.0.2')
  t.deepEqual(
    index.released(network).map(([address]) => address),
    ['10.0.0.3'],
  )
})

test('an address of its own counts before the feed says so', async (t) => {
  const { index } = t.context
  const revision = await put(t.context, '10.0.0.2')

  index.given(network, subnet, '10.0.0.7', revision + 5)

  t.is(index.lastGiven(network, subnet, siblings), '10.0.0.7')
})

test('what leaves the quarantine is no longer in it', async (t) => {
  const { backend, replica, index } = t.context
  await put(t.context, '10.0.0.2', { released: { name: 'bbox1' } })
  await put(t.context, '10.0.0.3', { released: { name: 'bbox2' } })
  t.is(index.released(network).length, 2)

  await put(t.context, '10.0.0.2')
  backend.commit({ deletes: [`address/${network}/10.0.0.3`] })
  await until(() => replica.addresses(network).size === 1)

  t.deepEqual(index.released(network), [])
})
