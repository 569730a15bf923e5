// Several daemons in one process on one memory store: everything but packets,
// namespaces and Redis is real.

import anyTest from 'ava'
import type { TestFn } from 'ava'
import { isOvertapError } from '../../src/base/errors.js'
import { cidrsOverlap } from '../../src/net/cidr.js'
import { releasedAddresses } from '../support/records.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../support/test-node.js'
import type { TestNode } from '../support/test-node.js'
import { until } from '../support/until.js'

const test = anyTest as TestFn<TestCluster>

test.beforeEach((t) => {
  t.context = new TestCluster()
})

test.afterEach.always((t) => t.context.stop())

test('two hosts that claim 200 addresses at once get 200 different ones', async (t) => {
  const hosts = [await t.context.start(2), await t.context.start(3)]
  await hosts[0]?.node.networks.create(networkRequest({}))

  const views = await Promise.all(
    hosts.flatMap(({ node, system }, index) =>
      Array.from({ length: 100 }, (_, number) => {
        const target = `c${index}-${number}`
        system.addNamespace(target)
        return node.endpoints.connect(connectRequest({ target }))
      }),
    ),
  )

  const addresses = views.map(({ endpoint }) => endpoint.addresses[0])
  t.is(new Set(addresses).size, 200)
  const expected = Array.from({ length: 200 }, (_, i) => `10.0.0.${i + 2}/24`)
  t.deepEqual([...addresses].sort(), expected.sort())
})

test('of many creations of one name exactly one succeeds', async (t) => {
  const hosts = await start(t.context, 4)

  const outcomes = await Promise.allSettled(
    hosts.map(({ node }) => node.networks.create(networkRequest({}))),
  )

  const refused = outcomes.filter(({ status }) => status === 'rejected')
  t.is(refused.length, 3)
  for (const outcome of refused) {
    t.true(
      outcome.status === 'rejected' &&
        isOvertapError(outcome.reason, 'NETWORK_EXISTS'),
    )
  }
})

test('networks made at once never overlap and never share a VNI', async (t) => {
  const hosts = await start(t.context, 4)

  const views = await Promise.all(
    hosts.flatMap(({ node }, host) =>
      Array.from({ length: 5 }, (_, number) =>
        node.networks.create(networkRequest({ name: `n${host}-${number}` })),
      ),
    ),
  )

  const vnis = views.map(({ network }) => network.vni)
  t.is(new Set(vnis).size, 20)
  const subnets = views.flatMap(({ network }) =>
    network.subnets.map(({ subnet }) => subnet),
  )
  for (const [index, subnet] of subnets.entries()) {
    const others = subnets.slice(index + 1)
    t.false(
      others.some((other) => cidrsOverlap(subnet, other)),
      subnet,
    )
  }
})

test('a removal and a connect at once: one of them wins, nothing is half done', async (t) => {
  const [host2, host3] = (await start(t.context, 2)) as [TestNode, TestNode]
  host3.system.addNamespace('bbox2')
  for (let round = 0; round < 20; round++) {
    await host2.node.networks.create(networkRequest({}))

    const [removal, connect] = await Promise.allSettled([
      host2.node.networks.remove('ov_net1'),
      host3.node.endpoints.connect(connectRequest({ target: 'bbox2' })),
    ])

    t.not(removal.status, connect.status)
    if (connect.status === 'fulfilled') {
      await host3.node.endpoints.disconnect('ov_net1', 'bbox2')
      await host2.node.networks.remove('ov_net1')
    }
    t.deepEqual(host3.system.linksOf('bbox2'), [])
    t.deepEqual(records(t.context), ['allocation/networks'])
  }
})

test('a clean stop leaves nothing of the host behind but a quarantine', async (t) => {
  const one = await t.context.create(2)
  await one.node.start()
  one.system.addNamespace('bbox1')
  await one.node.networks.create(networkRequest({}))
  await one.node.endpoints.connect(connectRequest({}))

  await one.node.stop()

  t.deepEqual(one.system.linksOf('bbox1'), [])
  t.deepEqual([...one.system.resolvConfs], [])
  t.false(one.engine.running)
  t.deepEqual(
    records(t.context).map((key) => key.slice(0, key.indexOf('/'))),
    ['address', 'allocation', 'network-name', 'network'],
  )
  t.deepEqual(releasedAddresses(t.context.backend), ['10.0.0.2'])
  t.deepEqual(t.context.backend.leases(), [])
})

test('two hosts that lose the store forward on and agree after', async (t) => {
  const [host2, host3] = (await start(t.context, 2)) as [TestNode, TestNode]
  host2.system.addNamespace('bbox1')
  host3.system.addNamespace('bbox2')
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  await until(async () => (await host3.node.endpoints.list()).length === 1)
  const before = host2.engine.table(256)

  host2.store.setReachable(false)
  await host3.node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  t.deepEqual(host2.engine.table(256), before)
  host2.store.setReachable(true)

  await until(() => host2.engine.vteps(256).length === 1)
  t.is(host2.engine.table(256)?.['02:42:0a:00:00:03'], 'peer 192.168.56.3:4789')
})

function start(cluster: TestCluster, count: number): Promise<TestNode[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => cluster.start(index + 2)),
  )
}

/** Keys of all records but the hosts'. */
function records({ backend }: TestCluster): string[] {
  return backend
    .snapshot()
    .entries.map(({ key }) => key)
    .filter((key) => !key.startsWith('host/'))
    .sort()
}
