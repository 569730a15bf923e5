import anyTest from 'ava'
import type { TestFn } from 'ava'
import {
  release,
  releaseClaimsOf,
} from '../../../../src/node/endpoints/address-release.js'
import { Quarantine } from '../../../../src/node/endpoints/quarantine.js'
import { RecordWriter } from '../../../../src/node/record-writer.js'
import { MemoryStore } from '../../../../src/store/memory-store.js'
import { Rows } from '../../../../src/node/rows.js'
import { keys, type Network } from '../../../../src/store/records.js'
import { Replica } from '../../../../src/store/replica.js'
import { RecordingLogger } from '../../../support/recording-logger.js'
import { heldAddresses, releasedAddresses } from '../../../support/records.js'
import { networkRequest, TestCluster } from '../../../support/test-node.js'

interface Context {
  readonly cluster: TestCluster
  readonly parts: ConstructorParameters<typeof Quarantine>[0] &
    Parameters<typeof releaseClaimsOf>[2]
  readonly network: Network
  readonly replica: Replica
  readonly networkId: string
}

const test = anyTest as TestFn<Context>

/** Containers a and b of host9 have .2 and .3; a janitor looks on. */
test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const { node } = await cluster.start(2)
  const { network } = await node.networks.create(networkRequest({}))
  for (const [name, address] of [
    ['a', '10.0.0.2'],
    ['b', '10.0.0.3'],
  ] as const) {
    const key = keys.address(network.id, address)
    const value = { host: 'host9', endpoint: name.repeat(64), name }
    cluster.backend.commit({ puts: [{ key, value }] })
  }
  const store = new MemoryStore(cluster.backend)
  await store.connect()
  const replica = new Replica(store, { logger: new RecordingLogger() })
  await replica.start()
  const lease = await store.register({
    host: 'janitor',
    owner: 'janitor',
    address: '192.168.56.9',
    ttlMs: 1_000_000,
  })
  const writer = new RecordWriter(store, replica, () => lease)
  await replica.hold([network.id])
  const logger = new RecordingLogger()
  const parts = {
    view: replica,
    rows: new Rows({ view: replica, store, log: logger }),
    store,
    writer,
    log: logger,
    clock: cluster.clock,
    config: { quarantine: 60_000 },
  }
  t.context = { cluster, parts, replica, network, networkId: network.id }
})

test.afterEach.always(async (t) => {
  await t.context.replica.stop()
  await t.context.cluster.stop()
})

test('an address is freed when it has been seen in quarantine long enough', async (t) => {
  const { cluster, parts, network, networkId } = t.context
  const quarantine = new Quarantine(parts)
  t.is(await releaseClaimsOf('host9', [network], parts), 2)
  t.deepEqual(releasedAddresses(cluster.backend), ['10.0.0.2', '10.0.0.3'])

  t.deepEqual(await quarantine.sweep(), [])
  cluster.clock.advance(59_999)
  t.deepEqual(await quarantine.sweep(), [])
  cluster.clock.advance(1)

  t.deepEqual(await quarantine.sweep(), [
    keys.address(networkId, '10.0.0.2'),
    keys.address(networkId, '10.0.0.3'),
  ])
  t.deepEqual(releasedAddresses(cluster.backend), [])
})

test('one that was taken and given back again begins anew', async (t) => {
  const { cluster, parts, network, networkId } = t.context
  const quarantine = new Quarantine(parts)
  await releaseClaimsOf('host9', [network], parts)
  await quarantine.sweep()
  cluster.clock.advance(59_000)
  const key = keys.address(networkId, '10.0.0.2')
  const owner = { host: 'host3', endpoint: 'e'.repeat(64), name: 'a' }
  const revision = cluster.backend.commit({ puts: [{ key, value: owner }] })
  await release(parts, networkId, [{ key, version: revision }], owner)

  await quarantine.sweep()
  cluster.clock.advance(1_000)

  t.deepEqual(await quarantine.sweep(), [keys.address(networkId, '10.0.0.3')])
})

test('what somebody has is never freed', async (t) => {
  const { cluster, parts } = t.context
  const quarantine = new Quarantine({ ...parts, config: { quarantine: 0 } })

  await quarantine.sweep()

  t.is(heldAddresses(cluster.backend).length, 2)
})

test('only the claims of the host in question are given back', async (t) => {
  const { cluster, parts, network } = t.context

  t.is(await releaseClaimsOf('host3', [network], parts), 0)

  t.is(heldAddresses(cluster.backend).length, 2)
})

test('a claim that outlived its network is freed, not at once', async (t) => {
  const { cluster, parts, replica, networkId } = t.context
  const key = keys.address('0'.repeat(64), '10.9.0.2')
  const claim = { host: 'host9', endpoint: '1'.repeat(64) }
  const claimed = await parts.writer.claimFirst([key], claim)
  await replica.reached(claimed?.revision ?? 0, 1000)
  const quarantine = new Quarantine(parts)

  t.deepEqual(await quarantine.sweep(), [])
  cluster.clock.advance(60_000)

  t.deepEqual(await quarantine.sweep(), [key])
  t.deepEqual(heldAddresses(cluster.backend), [
    keys.address(networkId, '10.0.0.2'),
    keys.address(networkId, '10.0.0.3'),
  ])
})
