import anyTest from 'ava'
import type { TestFn } from 'ava'
import type { OvertapError } from '../../../../src/base/errors.js'
import { heldAddresses } from '../../../support/records.js'
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

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  t.context = { cluster, host2: await cluster.start(2) }
  const { node, system } = t.context.host2
  system.addNamespace('bbox1')
  system.addNamespace('bbox3')
  await node.networks.create(networkRequest({ name: 'ov_net1' }))
  await node.networks.create(networkRequest({ name: 'ov_net2' }))
})

test.afterEach.always((t) => t.context.cluster.stop())

test('a container gets the address, MAC, MTU and interface of the tutorial', async (t) => {
  const { node, system, engine } = t.context.host2

  const { endpoint, network } = await node.endpoints.connect(connectRequest({}))

  t.is(network.name, 'ov_net1')
  t.like(endpoint, {
    name: 'bbox1',
    host: 'host2',
    addresses: ['10.0.0.2/24'],
    mac: '02:42:0a:00:00:02',
    interface: 'eth0',
    netns: '/run/netns/bbox1',
  })
  t.like(system.configured.get('/run/netns/bbox1 eth0'), {
    mac: '02:42:0a:00:00:02',
    mtu: 1450,
    addresses: ['10.0.0.2/24'],
  })
  t.like([...engine.ports.values()][0], {
    vni: 256,
    addresses: ['10.0.0.2'],
    mtu: 1450,
  })
})

test('superpackets are as large as they can leave in one piece', async (t) => {
  const { node, system, engine } = t.context.host2
  await node.endpoints.connect(connectRequest({}))
  t.is(system.configured.get('/run/netns/bbox1 eth0')?.gsoMaxSize, 61_440)

  engine.has = [{ name: 'tunnel-gso', state: 'on', reason: '' }]
  await node.endpoints.connect(connectRequest({ target: 'bbox3' }))
  t.is(system.configured.get('/run/netns/bbox3 eth0')?.gsoMaxSize, 65_536)
})

test('addresses are one sequence for all hosts', async (t) => {
  const { cluster, host2 } = t.context
  const host3 = await cluster.start(3)
  host3.system.addNamespace('bbox2')

  await host2.node.endpoints.connect(connectRequest({}))
  const second = await host3.node.endpoints.connect(
    connectRequest({ target: 'bbox2' }),
  )

  t.deepEqual(second.endpoint.addresses, ['10.0.0.3/24'])
})

test('a second network gets the next interface, and both name servers', async (t) => {
  const { node, system } = t.context.host2
  system.addNamespace('bbox9', 'eth0')

  await node.endpoints.connect(connectRequest({ target: 'bbox9' }))
  const { endpoint } = await node.endpoints.connect(
    connectRequest({ target: 'bbox9', network: 'ov_net2' }),
  )

  t.is(endpoint.interface, 'eth2')
  t.deepEqual(system.resolvConfs.get('bbox9'), ['10.0.0.1', '10.0.1.1'])
  await node.endpoints.disconnect('ov_net1', 'bbox9')
  t.deepEqual(system.resolvConfs.get('bbox9'), ['10.0.1.1'])
  await node.endpoints.disconnect('ov_net2', 'bbox9')
  t.false(system.resolvConfs.has('bbox9'))
})

test("somebody's own resolv.conf stays, and the log says so", async (t) => {
  const { node, system, logger } = t.context.host2
  system.foreignResolvConfs.add('bbox1')

  await node.endpoints.connect(connectRequest({}))

  t.true(
    logger.messages('warn').includes('resolv.conf is not ours; left as it is'),
  )
})

test('name, aliases, address and interface can be asked for', async (t) => {
  const { node } = t.context.host2

  const { endpoint } = await node.endpoints.connect(
    connectRequest({
      name: 'web',
      aliases: ['www'],
      ip: '10.0.0.77',
      interface: 'overlay0',
    }),
  )

  t.like(endpoint, {
    name: 'web',
    aliases: ['www'],
    addresses: ['10.0.0.77/24'],
    mac: '02:42:0a:00:00:4d',
    interface: 'overlay0',
    publish: [],
  })
})

test('one namespace is one container, whatever leads to it', async (t) => {
  const { node, system } = t.context.host2
  system.addPath('/proc/77/ns/net', 'bbox1')
  await node.endpoints.connect(connectRequest({}))

  await t.throwsAsync(
    node.endpoints.connect(connectRequest({ target: '/proc/77/ns/net' })),
    {
      code: 'ENDPOINT_EXISTS',
      message:
        '/proc/77/ns/net is already connected to ov_net1 with 10.0.0.2/24',
    },
  )
  const { endpoint } = await node.endpoints.disconnect(
    'ov_net1',
    '/proc/77/ns/net',
  )
  t.is(endpoint.name, 'bbox1')
})

const refusals = [
  [{ network: 'ov_net9' }, 'NETWORK_NOT_FOUND'],
  [{ target: 'nobody' }, 'NAMESPACE_NOT_FOUND'],
  [{ name: 'a b' }, 'ENDPOINT_NAME_INVALID'],
  [{ aliases: ['-x'] }, 'ENDPOINT_NAME_INVALID'],
  [{ interface: 'a/b' }, 'INTERFACE_NAME_INVALID'],
  [{ interface: 'a234567890123456' }, 'INTERFACE_NAME_INVALID'],
  [{ interface: 'lo' }, 'INTERFACE_EXISTS'],
  [{ publish: ['http'] }, 'PUBLISH_INVALID'],
  [{ publish: ['70000:80'] }, 'PUBLISH_INVALID'],
  [{ ip: '10.0.0.1' }, 'ADDRESS_IN_USE'],
  [{ ip: '10.0.0.255' }, 'ADDRESS_INVALID'],
  [{ ip: '10.9.0.2' }, 'ADDRESS_INVALID'],
  [{ ip: 'ten' }, 'ADDRESS_INVALID'],
] as const

for (const [part, code] of refusals) {
  test(`refused without a trace: ${JSON.stringify(part)}`, async (t) => {
    const { node, system, engine } = t.context.host2

    await t.throwsAsync(node.endpoints.connect(connectRequest(part)), { code })

    t.deepEqual(system.linksOf('bbox1'), [])
    t.is(engine.networks.size, 0)
    t.deepEqual(heldAddresses(t.context.cluster.backend), [])
  })
}

test('an address in use is refused, naming who has it', async (t) => {
  const { node } = t.context.host2
  await node.endpoints.connect(connectRequest({}))

  const error = await t.throwsAsync<OvertapError>(
    node.endpoints.connect(connectRequest({ target: 'bbox3', ip: '10.0.0.2' })),
    { code: 'ADDRESS_IN_USE', message: 'Address already in use: 10.0.0.2' },
  )
  t.regex(error.remedy, /^bbox1 on host2 has it/)
})

test('a full subnet is refused, and an address given back is found again', async (t) => {
  const { node, system } = t.context.host2
  await node.networks.create(
    networkRequest({ name: 'tiny', subnets: ['10.5.0.0/30'] }),
  )
  system.addNamespace('bbox4')
  await node.endpoints.connect(connectRequest({ network: 'tiny' }))

  await t.throwsAsync(
    node.endpoints.connect(
      connectRequest({ network: 'tiny', target: 'bbox4' }),
    ),
    { message: 'no available addresses on this pool: 10.5.0.0/30 of tiny' },
  )

  await node.endpoints.disconnect('tiny', 'bbox1')
  const { endpoint } = await node.endpoints.connect(
    connectRequest({ network: 'tiny', target: 'bbox4' }),
  )
  t.deepEqual(endpoint.addresses, ['10.5.0.2/30'])
})

test('with two families a container gets an address of each', async (t) => {
  const { node } = t.context.host2
  await node.networks.create(
    networkRequest({ name: 'dual', subnets: ['10.6.0.0/24', 'fd06::/64'] }),
  )

  const { endpoint } = await node.endpoints.connect(
    connectRequest({ network: 'dual', ip: 'fd06::99' }),
  )

  t.deepEqual(endpoint.addresses, ['10.6.0.2/24', 'fd06::99/64'])
  t.is(endpoint.mac, '02:42:0a:06:00:02')
})

test('what fails half-way is taken back, the claim of the address too', async (t) => {
  const { node, system, engine } = t.context.host2
  system.refusal = new Error('no such device')

  await t.throwsAsync(node.endpoints.connect(connectRequest({})), {
    message: 'no such device',
  })

  t.deepEqual(system.linksOf('bbox1'), [])
  t.is(engine.networks.size, 0)
  t.is(engine.ports.size, 0)
  t.deepEqual(heldAddresses(t.context.cluster.backend), [])
  t.deepEqual(await node.endpoints.list(), [])
})

test('a store that goes away before the record is written leaves no device', async (t) => {
  const { node, system, engine, store } = t.context.host2
  const claimFirst = store.claimFirst.bind(store)
  store.claimFirst = async (...claim) => {
    const claimed = await claimFirst(...claim)
    store.setReachable(false)
    return claimed
  }

  await t.throwsAsync(node.endpoints.connect(connectRequest({})), {
    code: 'STORE_UNAVAILABLE',
  })

  t.deepEqual(system.linksOf('bbox1'), [])
  t.is(engine.ports.size, 0)
  t.is(heldAddresses(t.context.cluster.backend).length, 1)
  store.setReachable(true)
  await until(() => heldAddresses(t.context.cluster.backend).length === 0)
})

test('a record that cannot be taken back goes when the store is back', async (t) => {
  const { node, system, store } = t.context.host2
  system.addTap = () => {
    store.setReachable(false)
    throw new Error('no such device')
  }

  await t.throwsAsync(node.endpoints.connect(connectRequest({})), {
    message: 'no such device',
  })

  t.is((await node.endpoints.list('ov_net1')).length, 1)
  store.setReachable(true)
  await until(async () => (await node.endpoints.list()).length === 0)
  await until(() => heldAddresses(t.context.cluster.backend).length === 0)
})

test('connects of one namespace at once get different interfaces', async (t) => {
  const { node, system } = t.context.host2

  const views = await Promise.all(
    ['ov_net1', 'ov_net2'].map((network) =>
      node.endpoints.connect(connectRequest({ network })),
    ),
  )

  t.deepEqual(views.map(({ endpoint }) => endpoint.interface).sort(), [
    'eth0',
    'eth1',
  ])
  t.deepEqual(system.linksOf('bbox1').sort(), ['eth0', 'eth1'])
})

test('disconnect takes everything away again', async (t) => {
  const { node, system, engine, logger } = t.context.host2
  await node.endpoints.connect(connectRequest({}))

  const { endpoint } = await node.endpoints.disconnect('ov_net1', 'bbox1')

  t.is(endpoint.name, 'bbox1')
  t.deepEqual(system.linksOf('bbox1'), [])
  t.is(engine.networks.size, 0)
  t.is(engine.ports.size, 0)
  t.deepEqual(heldAddresses(t.context.cluster.backend), [])
  t.deepEqual(await node.endpoints.list(), [])
  t.deepEqual(logger.messages('error'), [])
})

test('disconnecting who is not connected says where to look', async (t) => {
  const { cluster, host2 } = t.context
  const host3 = await cluster.start(3)
  host3.system.addNamespace('bbox2')
  await host3.node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await until(async () => (await host2.node.endpoints.list()).length === 1)

  const error = await t.throwsAsync<OvertapError>(
    host2.node.endpoints.disconnect('ov_net1', 'bbox2'),
    { message: 'bbox2 is not connected to ov_net1 here' },
  )
  t.is(error.remedy, 'run the command where it is connected: host3')
})

test('a namespace that is gone can still be disconnected by its name', async (t) => {
  const { node, system } = t.context.host2
  await node.endpoints.connect(connectRequest({}))
  system.removeNamespace('bbox1')

  await node.endpoints.disconnect('ov_net1', 'bbox1')

  t.deepEqual(await node.endpoints.list(), [])
})

test('a namespace that is deleted is disconnected by itself', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system, engine } = host2
  await node.endpoints.connect(connectRequest({}))
  await node.endpoints.connect(connectRequest({ network: 'ov_net2' }))
  await node.endpoints.connect(connectRequest({ target: 'bbox3' }))
  system.removeNamespace('bbox1')
  system.addNamespace('bbox1')

  await until(() => {
    cluster.clock.advance(1000)
    return heldAddresses(cluster.backend).length === 1
  })

  const [last, ...others] = await node.endpoints.list()
  t.is(last?.endpoint.name, 'bbox3')
  t.deepEqual(others, [])
  t.is(engine.ports.size, 1)
})

test('a device that vanishes is disconnected by itself', async (t) => {
  const { node, system, engine, logger } = t.context.host2
  await node.endpoints.connect(connectRequest({}))
  system.removeNamespace('bbox1')

  const [port = 0] = engine.ports.keys()
  engine.losePort(port)

  await until(() => heldAddresses(t.context.cluster.backend).length === 0)
  t.deepEqual(await node.endpoints.list(), [])
  t.is(engine.networks.size, 0)
  t.true(
    logger.messages('warn').includes('container is gone; disconnecting it'),
  )
})
