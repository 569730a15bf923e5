import anyTest from 'ava'
import type { TestFn } from 'ava'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../support/test-node.js'
import type { TestNode } from '../../support/test-node.js'
import { until } from '../../support/until.js'

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  t.context = { cluster, host2: await cluster.start(2) }
})

test.afterEach.always((t) => t.context.cluster.stop())

test('all is well', async (t) => {
  const { host2 } = t.context
  t.like(await host2.node.health(), {
    problems: [],
    leaseMs: 15_000,
    settlesInMs: 0,
    hosts: { up: 1, suspect: 0, dead: 0 },
  })
})

test('the store is away', async (t) => {
  const { host2 } = t.context
  host2.store.setReachable(false)
  t.like(await host2.node.health(), {
    problems: ['the store is away: traffic goes on, changes are refused'],
    leaseMs: null,
    hosts: null,
  })
  host2.store.setReachable(true)
})

test('another host is late', async (t) => {
  const { cluster, host2 } = t.context
  const host3 = await cluster.start(3)
  await until(async () => (await host2.node.health()).hosts?.up === 2)
  host3.store.setReachable(false)
  cluster.clock.advance(16_000)
  await until(async () => {
    const { leaseMs } = await host2.node.health()
    return leaseMs !== null && leaseMs > 0
  })

  const { problems, hosts } = await host2.node.health()
  t.deepEqual(problems, ['host3 is suspect'])
  t.deepEqual(hosts, { up: 1, suspect: 1, dead: 0 })
  host3.store.setReachable(true)
})

test('a container is isolated', async (t) => {
  const { cluster, host2 } = t.context
  host2.system.addNamespace('bbox1')
  await host2.node.networks.create(networkRequest({}))
  const { endpoint } = await host2.node.endpoints.connect(connectRequest({}))
  const older = { id: 'e'.repeat(64), createdAt: '2020-01-01T00:00:00.000Z' }
  const { network } = endpoint
  cluster.backend.commit({
    puts: [
      {
        key: `endpoint/${network}/${older.id}`,
        value: { ...endpoint, ...older, host: 'host3' },
      },
      {
        key: `address/${network}/10.0.0.2`,
        value: { host: 'host3', endpoint: older.id },
      },
    ],
  })
  await until(async () => {
    cluster.clock.advance(1000)
    return (await host2.node.health()).problems.length > 0
  })
  const { problems } = await host2.node.health()
  t.deepEqual(problems, ['bbox1 on ov_net1 is isolated'])
})

test('the last five events are shown', async (t) => {
  const { host2 } = t.context
  for (const number of [1, 2, 3, 4, 5, 6]) {
    await host2.node.networks.create(networkRequest({ name: `net${number}` }))
  }
  const { events } = await host2.node.health()
  t.deepEqual(
    events.map(({ network }) => network),
    ['net2', 'net3', 'net4', 'net5', 'net6'],
  )
})
