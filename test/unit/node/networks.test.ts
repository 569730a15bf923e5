import anyTest from 'ava'
import type { TestFn } from 'ava'
import { isOvertapError } from '../../../src/base/errors.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../support/test-node.js'
import { until } from '../../support/until.js'

const test = anyTest as TestFn<TestCluster>

test.beforeEach((t) => {
  t.context = new TestCluster()
})

test.afterEach.always((t) => t.context.stop())

test('the first networks get the subnets and VNIs of the tutorial', async (t) => {
  const { node } = await t.context.start(2)

  const first = await node.networks.create(networkRequest({ name: 'ov_net1' }))
  const second = await node.networks.create(networkRequest({ name: 'ov_net2' }))

  t.like(first.network, {
    vni: 256,
    subnets: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
    createdBy: 'host2',
  })
  t.like(second.network, { vni: 257, subnets: [{ subnet: '10.0.1.0/24' }] })
  t.regex(first.network.id, /^[0-9a-f]{64}$/)
})

test('a network is there on every host', async (t) => {
  const { node } = await t.context.start(2)
  const other = await t.context.start(3)

  await node.networks.create(networkRequest({}))

  await until(() => other.node.networks.list().length === 1)
  t.is((await other.node.networks.inspect('ov_net1')).network.vni, 256)
})

test('a name is given once', async (t) => {
  const { node } = await t.context.start(2)
  await node.networks.create(networkRequest({}))

  await t.throwsAsync(node.networks.create(networkRequest({})), {
    code: 'NETWORK_EXISTS',
    message: 'network with name ov_net1 already exists',
  })
})

test('names are like those of Docker', async (t) => {
  const { node } = await t.context.start(2)

  for (const name of ['', '-net', 'a b', 'a/b', 'x'.repeat(129)]) {
    await t.throwsAsync(node.networks.create(networkRequest({ name })), {
      code: 'NETWORK_NAME_INVALID',
    })
  }
})

test('automatic subnets keep clear of routes and addresses of all hosts', async (t) => {
  const { node } = await t.context.start(2)
  const other = await t.context.create(3)
  other.system.hostPrefixes = ['10.0.0.0/23', 'fd00::/64']
  await other.node.start()
  t.teardown(() => other.node.stop())
  const vtep = await t.context.create(4)
  vtep.system.hostAddresses = [
    { device: 'eth0', address: '10.0.2.7', mtu: 1500 },
  ]
  const inside = await t.context.create(4, {}, vtep.system)
  await inside.node.start()
  t.teardown(() => inside.node.stop())

  await until(async () => (await node.hosts.list()).length === 3)
  const { network } = await node.networks.create(networkRequest({}))

  t.is(network.subnets[0]?.subnet, '10.0.3.0/24')
})

test('a route that came up a moment ago counts too', async (t) => {
  const { node, system } = await t.context.start(2)
  system.hostPrefixes = ['10.0.0.0/24']

  const { network } = await node.networks.create(networkRequest({}))

  t.is(network.subnets[0]?.subnet, '10.0.1.0/24')
})

test('a subnet of its own is refused where it overlaps, with the reason', async (t) => {
  const { node, system } = await t.context.start(2)
  await node.networks.create(networkRequest({}))
  system.hostPrefixes = ['172.20.0.0/16']

  await t.throwsAsync(
    node.networks.create(
      networkRequest({ name: 'b', subnets: ['10.0.0.0/16'] }),
    ),
    {
      code: 'SUBNET_OVERLAPS',
      message:
        'Pool overlaps with other one on this address space: 10.0.0.0/16 with 10.0.0.0/24, network ov_net1',
    },
  )
  await t.throwsAsync(
    node.networks.create(
      networkRequest({ name: 'b', subnets: ['172.20.3.0/24'] }),
    ),
    { message: /172\.20\.0\.0\/16, a route of host2$/ },
  )
})

test('a VNI of its own is taken as it is, but once', async (t) => {
  const { node } = await t.context.start(2)

  const { network } = await node.networks.create(networkRequest({ vni: 256 }))
  const next = await node.networks.create(networkRequest({ name: 'b' }))

  t.is(network.vni, 256)
  t.is(next.network.vni, 257)
  await t.throwsAsync(
    node.networks.create(networkRequest({ name: 'c', vni: 256 })),
    { message: 'VNI 256 is in use by network ov_net1' },
  )
})

test('IPv6 comes beside IPv4', async (t) => {
  const { node } = await t.context.start(2)

  const { network } = await node.networks.create(
    networkRequest({ subnets: ['fd00:1::/64'] }),
  )

  t.deepEqual(network.subnets, [
    { subnet: '10.0.0.0/24', gateway: '10.0.0.1' },
    { subnet: 'fd00:1::/64', gateway: 'fd00:1::1' },
  ])
})

test('options are checked, unknown ones accepted with a warning', async (t) => {
  const { node, logger } = await t.context.start(2)

  const options = {
    'com.example.colour': 'blue',
    'overtap.port-security': 'off',
  }
  const { network } = await node.networks.create(networkRequest({ options }))

  t.deepEqual(network.options, options)
  t.like(
    logger.lines.find(({ level }) => level === 'warn'),
    { option: 'com.example.colour', network: 'ov_net1' },
  )
  await t.throwsAsync(
    node.networks.create(
      networkRequest({ name: 'b', options: { 'overtap.peers': '10.1.1' } }),
    ),
    {
      code: 'NETWORK_OPTION_INVALID',
      message: /^network option overtap\.peers=10\.1\.1: expected IP/,
    },
  )
})

test('a network is found by name, id and the beginning of its id', async (t) => {
  const { node } = await t.context.start(2)
  const { network } = await node.networks.create(networkRequest({}))

  for (const reference of [network.name, network.id, network.id.slice(0, 12)]) {
    t.is((await node.networks.inspect(reference)).network.id, network.id)
  }
  await t.throwsAsync(node.networks.inspect('ov_net9'), {
    message: 'network ov_net9 not found',
  })
  await t.throwsAsync(node.networks.inspect(''), { code: 'NETWORK_NOT_FOUND' })
})

test('removing is refused while in use, naming every holder and its host', async (t) => {
  const host2 = await t.context.start(2)
  const host3 = await t.context.start(3)
  await host2.node.networks.create(networkRequest({}))
  host2.system.addNamespace('bbox1')
  host3.system.addNamespace('bbox2')
  await host2.node.endpoints.connect(connectRequest({ target: 'bbox1' }))
  await host3.node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await until(async () => (await host2.node.endpoints.list()).length === 2)

  await t.throwsAsync(host2.node.networks.remove('ov_net1'), {
    code: 'NETWORK_IN_USE',
    message:
      'network ov_net1 has active endpoints: bbox1 (host2), bbox2 (host3)',
  })

  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')
  await host3.node.endpoints.disconnect('ov_net1', 'bbox2')
  await host2.node.networks.remove('ov_net1')
  await until(() => host3.node.networks.list().length === 0)
  t.deepEqual(
    t.context.backend
      .snapshot()
      .entries.map(({ key }) => key.slice(0, key.indexOf('/')))
      .sort(),
    ['allocation', 'host', 'host'],
  )
})

test('the subnet of a removed network does not come back at once', async (t) => {
  const { node } = await t.context.start(2)
  await node.networks.create(networkRequest({}))
  await node.networks.remove('ov_net1')

  const { network } = await node.networks.create(networkRequest({}))

  t.is(network.subnets[0]?.subnet, '10.0.1.0/24')
  t.is(network.vni, 257)
})

test('with the store away, changes are refused and looking goes on', async (t) => {
  const { node, store } = await t.context.start(2)
  await node.networks.create(networkRequest({}))
  store.setReachable(false)

  await t.throwsAsync(node.networks.create(networkRequest({ name: 'b' })), {
    code: 'STORE_UNAVAILABLE',
  })
  t.is(node.networks.list().length, 1)
  t.is(node.status().store.state, 'reconnecting')
  store.setReachable(true)
})

test('nothing new is given while daemons write again what the store lost', async (t) => {
  const { clock, backend } = t.context
  const { node, system } = await t.context.start(2)
  const create = (name: string) =>
    node.networks.create(networkRequest({ name }))
  const settling = { code: 'STORE_SETTLING', message: /nothing new for 30 s/ }
  await create('ov_net1')
  system.addNamespace('bbox1')

  backend.clear()
  await until(() =>
    create('ov_net1').then(
      () => false,
      (error: unknown) => isOvertapError(error, 'STORE_SETTLING'),
    ),
  )
  await t.throwsAsync(() => create('ov_net2'), settling)
  await t.throwsAsync(
    () => node.endpoints.connect(connectRequest({})),
    settling,
  )

  await until(() => {
    clock.advance(30_000)
    return create('ov_net3').then(
      () => true,
      () => false,
    )
  })
  t.true(node.networks.list().some(({ name }) => name === 'ov_net3'))
})
