import test, { type ExecutionContext } from 'ava'
import { keys } from '../../../../src/store/records.js'
import { heldRecords } from '../../../support/records.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { passUntil, until } from '../../../support/until.js'

/** A daemon with one connected container, and then no daemon. */
async function crashed(): Promise<{ cluster: TestCluster; before: TestNode }> {
  const cluster = new TestCluster()
  const before = await cluster.create(2)
  await before.node.start()
  before.system.addNamespace('bbox1')
  await before.node.networks.create(networkRequest({}))
  await before.node.endpoints.connect(connectRequest({}))
  await before.store.close()
  return { cluster, before }
}

test('a new daemon takes over the containers of one that crashed', async (t) => {
  const { cluster, before } = await crashed()

  const after = await cluster.create(2, {}, before.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(after.engine.table(256), {
    '02:42:0a:00:00:01': 'upcall',
    '02:42:0a:00:00:02': 'port /run/netns/bbox1',
  })
  t.is(after.node.status().endpoints, 1)
  t.deepEqual(before.system.linksOf('bbox1'), ['eth0'])
  await after.node.endpoints.disconnect('ov_net1', 'bbox1')
  t.deepEqual(heldRecords(cluster.backend), [])
})

test('containers that are gone by then are released', async (t) => {
  const { cluster, before } = await crashed()
  before.system.removeNamespace('bbox1')

  const after = await cluster.create(2, {}, before.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(await after.node.endpoints.list(), [])
  t.deepEqual(heldRecords(cluster.backend), [])
  t.true(
    after.logger
      .messages('warn')
      .includes('endpoint released: its container is gone'),
  )
})

test('another namespace of the same name is not taken for the old one', async (t) => {
  const { cluster, before } = await crashed()
  before.system.removeNamespace('bbox1')
  before.system.addNamespace('bbox1', 'eth0')

  const after = await cluster.create(2, {}, before.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(await after.node.endpoints.list(), [])
  t.deepEqual(before.system.linksOf('bbox1'), ['eth0'])
})

test('an address claimed for an endpoint that never came is freed', async (t) => {
  const { cluster, before } = await crashed()
  const { network } = await before.node.networks.inspect('ov_net1')
  const key = `address/${network.id}/10.0.0.9`
  const value = { host: 'host2', endpoint: 'f'.repeat(64) }
  cluster.backend.commit({ puts: [{ key, value }] })

  const after = await cluster.create(2, {}, before.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(
    heldRecords(cluster.backend).filter((present) => present === key),
    [],
  )
  t.is(heldRecords(cluster.backend).length, 2)
})

test('what other hosts have is left alone', async (t) => {
  const { cluster } = await crashed()

  await cluster.start(3)
  t.teardown(() => cluster.stop())

  t.is(heldRecords(cluster.backend).length, 2)
})

test('a container that vanished while the store was away is released after', async (t) => {
  const cluster = new TestCluster()
  const { node, system, engine, store } = await cluster.start(2)
  t.teardown(() => cluster.stop())
  system.addNamespace('bbox1')
  await node.networks.create(networkRequest({}))
  await node.endpoints.connect(connectRequest({}))
  store.setReachable(false)
  system.removeNamespace('bbox1')
  engine.losePort([...engine.ports.keys()][0] ?? 0)
  await until(() => engine.ports.size === 0)
  t.is(heldRecords(cluster.backend).length, 2)

  store.setReachable(true)

  await until(() => heldRecords(cluster.backend).length === 0)
  t.deepEqual(await node.endpoints.list(), [])
})

/** A container connected twice, and what brings back the store of the first. */
async function connectedAgain() {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  host2.system.addNamespace('bbox1')
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  const restore = cluster.backend.backup()
  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')
  cluster.clock.advance(10)
  const { endpoint } = await host2.node.endpoints.connect(connectRequest({}))
  return { cluster, host2, restore, endpoint }
}

type ConnectedAgain = Awaited<ReturnType<typeof connectedAgain>>

async function checkOnlyTheLater(
  t: ExecutionContext,
  { cluster, host2, endpoint }: ConnectedAgain,
  { node }: Pick<TestNode, 'node'>,
): Promise<void> {
  t.deepEqual(host2.system.linksOf('bbox1'), ['eth0'])
  t.deepEqual(
    (await node.endpoints.list()).map((one) => [one.endpoint.id, one.isolated]),
    [[endpoint.id, undefined]],
  )
  t.deepEqual(
    heldRecords(cluster.backend).filter((key) => key.startsWith('endpoint/')),
    [keys.endpoint(endpoint.network, endpoint.id)],
  )
}

test("an old copy's record does not take the TAP of one connected since", async (t) => {
  const world = await connectedAgain()
  const { cluster, host2, restore } = world
  t.teardown(() => cluster.stop())

  restore()

  const settled = () =>
    host2.node.events.latest(50).some(({ kind }) => kind === 'store-settled')
  await passUntil(cluster.clock, settled, 1000)
  await checkOnlyTheLater(t, world, host2)
})

test('nor does it when it came back while the daemon was down', async (t) => {
  const world = await connectedAgain()
  const { cluster, host2, restore } = world
  await host2.store.close()

  restore()

  const after = await cluster.create(2, {}, host2.system)
  await after.node.start()
  t.teardown(() => after.node.stop())
  await checkOnlyTheLater(t, world, after)
})

test('an address whose record was written again unseen is given back', async (t) => {
  const cluster = new TestCluster()
  const { node, system } = await cluster.start(2)
  t.teardown(() => cluster.stop())
  system.addNamespace('bbox1')
  await node.networks.create(networkRequest({}))
  await node.endpoints.connect(connectRequest({}))
  const { entries } = cluster.backend.snapshot()
  const puts = entries.filter(({ key }) => key.startsWith('address/'))
  cluster.backend.commit({ puts })

  await node.endpoints.disconnect('ov_net1', 'bbox1')

  t.deepEqual(heldRecords(cluster.backend), [])
})
