import anyTest, { type TestFn } from 'ava'
import { keys } from '../../../src/store/records.js'
import { heldAddresses, memberships } from '../../support/records.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
  type TestNode,
} from '../../support/test-node.js'
import { until } from '../../support/until.js'

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
}

const test = anyTest as TestFn<Context>

/** Two networks, and nobody on them. */
test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  for (const target of ['bbox1', 'bbox2']) host2.system.addNamespace(target)
  for (const name of ['ov_net1', 'ov_net2']) {
    await host2.node.networks.create(networkRequest({ name }))
  }
  t.context = { cluster, host2 }
})

test.afterEach.always((t) => t.context.cluster.stop())

test('a host is on a network from its first container to its last', async (t) => {
  const { cluster, host2 } = t.context
  const { endpoints } = host2.node
  t.deepEqual(memberships(cluster.backend), [])

  await endpoints.connect(connectRequest({ target: 'bbox1' }))
  await endpoints.connect(connectRequest({ target: 'bbox2' }))
  t.deepEqual(memberships(cluster.backend), ['host2 ov_net1'])

  await endpoints.disconnect('ov_net1', 'bbox1')
  t.deepEqual(memberships(cluster.backend), ['host2 ov_net1'])
  await endpoints.disconnect('ov_net1', 'bbox2')
  t.deepEqual(memberships(cluster.backend), [])
})

test('one that fails to connect leaves the network again', async (t) => {
  const { cluster, host2 } = t.context
  host2.system.addTap = () => {
    throw new Error('no such device')
  }
  await t.throwsAsync(host2.node.endpoints.connect(connectRequest({})))
  t.deepEqual(memberships(cluster.backend), [])
})

test('a clean stop leaves all networks', async (t) => {
  const { cluster, host2 } = t.context
  await host2.node.endpoints.connect(connectRequest({}))
  await host2.node.stop()
  t.deepEqual(memberships(cluster.backend), [])
  t.deepEqual(heldAddresses(cluster.backend), [])
})

test('what a daemon claimed before it died is found by the next', async (t) => {
  const { cluster, host2 } = t.context
  const { network } = await host2.node.networks.inspect('ov_net2')
  // It had no time to write its journal.
  const claim = { host: 'host3', endpoint: 'e'.repeat(64), name: 'bbox9' }
  cluster.backend.commit({
    puts: [
      {
        key: keys.member('host3', network.id),
        value: { network: network.id },
      },
      { key: keys.address(network.id, '10.0.1.9'), value: claim },
    ],
  })

  await cluster.start(3)

  t.deepEqual(heldAddresses(cluster.backend), [])
  t.deepEqual(memberships(cluster.backend), [])
})

test('a lost store learns again who is on which network', async (t) => {
  const { cluster, host2 } = t.context
  await host2.node.endpoints.connect(connectRequest({}))
  cluster.backend.clear()
  await until(() => {
    cluster.clock.advance(200)
    return memberships(cluster.backend).length === 1
  })
  t.pass()
})

test('others see who is on a network that they are not on', async (t) => {
  const { cluster, host2 } = t.context
  const host3 = await cluster.start(3)
  await host2.node.endpoints.connect(connectRequest({}))

  const { endpoints } = await host3.node.networks.inspect('ov_net1')
  const all = await host3.node.endpoints.list()
  const [subnet] = await host3.node.ipam.list('ov_net1')

  t.deepEqual(
    [...endpoints, ...all.map(({ endpoint }) => endpoint)].map(
      ({ name, host }) => `${name} ${host}`,
    ),
    ['bbox1 host2', 'bbox1 host2'],
  )
  t.is(subnet?.used, 1)
  t.is((await host3.node.health()).endpoints, 1)
})

test('without the store only the own networks can be looked at', async (t) => {
  const { host2 } = t.context
  const { node, store } = host2
  await node.endpoints.connect(connectRequest({}))
  store.setReachable(false)

  t.is((await node.endpoints.list('ov_net1')).length, 1)
  t.is((await node.networks.inspect('ov_net1')).endpoints.length, 1)
  await t.throwsAsync(node.endpoints.list(), { code: 'STORE_UNAVAILABLE' })
  await t.throwsAsync(node.networks.inspect('ov_net2'), {
    code: 'STORE_UNAVAILABLE',
  })
  t.is((await node.health()).endpoints, null)
  store.setReachable(true)
})
