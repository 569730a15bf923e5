import anyTest from 'ava'
import type { TestFn } from 'ava'
import { bridgeName } from '../../../../src/node/gateway/state.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { until } from '../../../support/until.js'

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
}

const test = anyTest as TestFn<Context>
const on = { gateway: { subnet: 'auto', subnet6: 'auto' } } as const

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  t.context = { cluster, host2: await cluster.start(2, on) }
  const { node, system } = t.context.host2
  for (const name of ['bbox1', 'bbox2', 'bbox3']) system.addNamespace(name)
  await node.networks.create(networkRequest({ name: 'ov_net1' }))
  await node.networks.create(networkRequest({ name: 'ov_net2' }))
  await node.networks.create(
    networkRequest({ name: 'ov_inner', internal: true }),
  )
})

test.afterEach.always((t) => t.context.cluster.stop())

test('the first container brings bridge, port, routes and rules', async (t) => {
  const { node, system } = t.context.host2
  const { endpoint, gateway } = await node.endpoints.connect(connectRequest({}))

  t.is(endpoint.interface, 'eth0')
  t.deepEqual(gateway, {
    interface: 'eth1',
    addresses: ['172.18.0.2/16', 'fd6f:7665:7274:6170::2/64'],
  })
  t.deepEqual(system.bridges.bridges.get(bridgeName)?.addresses, [
    '172.18.0.1/16',
    'fd6f:7665:7274:6170::1/64',
  ])
  t.deepEqual([...system.bridges.present.keys()], ['otgw2'])
  t.like(system.configured.get('/run/netns/bbox1 eth1'), {
    mac: '02:42:ac:12:00:02',
    mtu: 1500,
    addresses: ['172.18.0.2/16', 'fd6f:7665:7274:6170::2/64'],
    gateways: ['172.18.0.1', 'fd6f:7665:7274:6170::1'],
  })
  t.regex(system.firewall.tables.get('overtap') ?? '', /masquerade/)
  t.is(system.sysctls.values.get('net.ipv4.ip_forward'), '1')
  t.like(node.status().gateway, { state: 'on', containers: 1 })
})

test('a host that forwards IPv6 goes on listening to routers', async (t) => {
  const { node, system } = t.context.host2
  await node.endpoints.connect(connectRequest({}))
  t.is(system.sysctls.values.get('net.ipv6.conf.all.forwarding'), '1')
  t.is(system.sysctls.values.get('net/ipv6/conf/eth0/accept_ra'), '2')
})

test('an internal network gets none of it, until another one comes', async (t) => {
  const { node, system } = t.context.host2
  const { gateway } = await node.endpoints.connect(
    connectRequest({ network: 'ov_inner' }),
  )
  t.is(gateway, undefined)
  t.deepEqual(system.linksOf('bbox1'), ['eth0'])
  t.false(system.bridges.bridges.has(bridgeName))

  const second = await node.endpoints.connect(connectRequest({}))
  t.is(second.endpoint.interface, 'eth1')
  t.is(second.gateway?.interface, 'eth2')

  await node.endpoints.disconnect('ov_net1', 'bbox1')
  t.deepEqual(system.linksOf('bbox1'), ['eth0'])
  t.false(system.bridges.bridges.has(bridgeName))
  t.false(system.firewall.tables.has('overtap'))
})

test('several networks share one port', async (t) => {
  const { node, system } = t.context.host2
  await node.endpoints.connect(connectRequest({}))
  const second = await node.endpoints.connect(
    connectRequest({ network: 'ov_net2' }),
  )
  t.is(second.endpoint.interface, 'eth2')
  t.is(system.bridges.present.size, 1)

  await node.endpoints.disconnect('ov_net1', 'bbox1')
  t.deepEqual(system.linksOf('bbox1'), ['eth1', 'eth2'])
})

test('numbers go on, and are found again by the next daemon', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system, store } = host2
  await node.endpoints.connect(connectRequest({}))
  await node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await node.endpoints.disconnect('ov_net1', 'bbox1')
  const third = await node.endpoints.connect(
    connectRequest({ target: 'bbox3' }),
  )
  t.is(third.gateway?.addresses[0], '172.18.0.4/16')
  const loads = system.firewall.loads
  await store.close()

  const after = await cluster.create(2, on, system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual([...system.bridges.present.keys()], ['otgw3', 'otgw4'])
  t.is(system.firewall.loads, loads + 1, 'one transaction for all')
  const found = await after.node.endpoints.list()
  t.deepEqual(
    found.map(({ gateway }) => gateway?.addresses[0]),
    ['172.18.0.3/16', '172.18.0.4/16'],
  )
  const next = await after.node.endpoints.connect(connectRequest({}))
  t.is(next.gateway?.addresses[0], '172.18.0.5/16')
})

test('ports of containers that are gone are removed at start', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system, store } = host2
  await node.endpoints.connect(connectRequest({}))
  await node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await store.close()
  system.removeTap('/run/netns/bbox2', 'eth0')

  const after = await cluster.create(2, on, system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual([...system.bridges.present.keys()], ['otgw2'])
  t.deepEqual(system.linksOf('bbox2'), [])
})

test('a range that a route of the host overlaps is passed over', async (t) => {
  const { node, system } = t.context.host2
  system.hostPrefixes = ['172.18.5.0/24', '172.16.0.0/12', '192.168.0.0/20']
  const { gateway } = await node.endpoints.connect(connectRequest({}))
  t.is(gateway?.addresses[0], '192.168.16.2/20')
})

test('without nftables a container is connected, and the status says so', async (t) => {
  const { cluster, host2 } = t.context
  const host3 = await cluster.create(3, on)
  host3.system.addNamespace('bbox9')
  host3.system.firewall.missing = 'nftables is not installed'
  await host3.node.start()
  t.teardown(() => host3.node.stop())

  const { endpoint, gateway } = await host3.node.endpoints.connect(
    connectRequest({ target: 'bbox9' }),
  )

  t.is(endpoint.interface, 'eth0')
  t.is(gateway, undefined)
  t.like(host3.node.status().gateway, {
    state: 'unavailable',
    reason: 'nftables is not installed',
  })
  const { problems } = await host3.node.health()
  t.true(problems.some((text) => text.includes('no way outside')))
  t.like(host2.node.status().gateway, { state: 'idle' })

  host3.system.firewall.missing = null
  cluster.clock.advance(10_000)
  await until(() => host3.node.status().gateway.containers === 1)
  t.is(host3.node.status().gateway.state, 'on')
})

test('what somebody else removes comes back', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system } = host2
  await node.endpoints.connect(connectRequest({}))
  system.firewall.tables.clear()
  await system.bridges.remove(bridgeName)

  cluster.clock.advance(10_000)

  await until(() => system.firewall.tables.has('overtap'))
  t.true(system.bridges.bridges.has(bridgeName))
  t.is(system.bridges.present.get('otgw2')?.bridge, bridgeName)
  const kinds = node.events.latest(10).map(({ kind }) => kind)
  t.is(kinds.filter((kind) => kind === 'gateway-repaired').length, 2)
})

test('nothing is repaired when nothing is broken', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system } = host2
  await node.endpoints.connect(connectRequest({}))
  const { loads, looks } = system.firewall
  cluster.clock.advance(10_000)
  await until(() => system.firewall.looks > looks)
  await node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  t.is(system.firewall.loads, loads + 1)
})

test('a default route of the container stays', async (t) => {
  const { node, system, logger } = t.context.host2
  system.defaultRoutes.set('/run/netns/bbox1', { v4: ['wlan0'], v6: [] })
  await node.endpoints.connect(connectRequest({}))
  t.deepEqual(system.configured.get('/run/netns/bbox1 eth1')?.gateways, [
    'fd6f:7665:7274:6170::1',
  ])
  t.true(
    logger
      .messages('warn')
      .some((text) => text.includes('has a default route already')),
  )
})

test('off is off', async (t) => {
  const host4 = await t.context.cluster.start(4, {
    gateway: { subnet: 'off', subnet6: 'auto' },
  })
  host4.system.addNamespace('bbox1')
  const { gateway } = await host4.node.endpoints.connect(connectRequest({}))
  t.is(gateway, undefined)
  t.deepEqual(host4.system.linksOf('bbox1'), ['eth0'])
  t.is(host4.node.status().gateway.state, 'off')
})

test('a failed connect leaves no port', async (t) => {
  const { node, system } = t.context.host2
  system.refusal = new Error('no')
  await t.throwsAsync(node.endpoints.connect(connectRequest({})))
  t.is(system.bridges.present.size, 0)
  t.false(system.bridges.bridges.has(bridgeName))
})

test('when nftables is removed meanwhile, containers can still leave', async (t) => {
  const { node, system } = t.context.host2
  await node.endpoints.connect(connectRequest({}))
  await node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  system.firewall.missing = 'nftables is not installed'

  await node.endpoints.disconnect('ov_net1', 'bbox1')
  await node.endpoints.disconnect('ov_net1', 'bbox2')

  t.deepEqual(system.linksOf('bbox1'), [])
  t.false(system.bridges.bridges.has(bridgeName))
})

test('a container that comes while the ports are looked at keeps its own', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system } = host2
  const { bridges, firewall } = system
  await node.endpoints.connect(connectRequest({}))
  const plugging = gate()
  const plug = bridges.plug.bind(bridges)
  bridges.plug = async (...args) => {
    await plugging.passed
    return plug(...args)
  }
  const connected = node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await until(() => plugging.isReached)
  // What the kernel says is from before the second one was there.
  const before = await bridges.ports('otgw')
  const looking = gate()
  bridges.ports = async () => {
    await looking.passed
    return before
  }
  const { looks } = firewall
  cluster.clock.advance(10_000)
  await until(() => looking.isReached)

  plugging.open()
  await connected
  looking.open()
  await until(() => firewall.looks > looks)

  await node.endpoints.connect(connectRequest({ target: 'bbox3' }))
  t.deepEqual([...bridges.present.keys()], ['otgw2', 'otgw3', 'otgw4'])
  t.deepEqual(system.linksOf('bbox2'), ['eth0', 'eth1'])
})

test('a container that is being connected gets its first interface first', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system, engine } = host2
  await node.endpoints.connect(connectRequest({}))
  const opening = gate()
  const openPort = engine.openPort.bind(engine)
  engine.openPort = async (...args) => {
    await opening.passed
    return openPort(...args)
  }
  const connected = node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await until(() => opening.isReached)
  // The second look begins when the first has ended.
  for (const looks of [system.firewall.looks, system.firewall.looks + 1]) {
    cluster.clock.advance(10_000)
    await until(() => system.firewall.looks > looks)
  }
  t.deepEqual(system.linksOf('bbox2'), [])

  opening.open()
  t.like(await connected, { gateway: { interface: 'eth1' } })
  t.deepEqual(system.linksOf('bbox2'), ['eth0', 'eth1'])
})

/** Somebody waits at it, until it is opened. */
function gate() {
  const state = { isReached: false, open: (): void => undefined }
  const opened = new Promise<void>((resolve) => {
    state.open = resolve
  })
  return Object.assign(state, {
    passed: {
      then: (done: () => void) => {
        state.isReached = true
        return opened.then(done)
      },
    },
  })
}
