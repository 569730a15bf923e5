import anyTest from 'ava'
import type { TestFn } from 'ava'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'

const test = anyTest as TestFn<TestCluster>

test.beforeEach((t) => {
  t.context = new TestCluster()
})

test.afterEach.always((t) => t.context.stop())

test('the narrowest path to any host decides', async (t) => {
  const { node, system } = await t.context.start(2)
  await t.context.start(3)
  system.addNamespace('bbox1')
  system.hostRoutes = [
    { to: '192.168.56.3', device: 'eth0', source: '192.168.56.2', mtu: 1400 },
  ]
  const created = await node.networks.create(networkRequest({}))
  t.is(created.network.vni, 256)

  await node.endpoints.connect(connectRequest({}))

  t.is(system.configured.get('/run/netns/bbox1 eth0')?.mtu, 1350)
})

test('jumbo frames of the own device are used when nobody is in the way', async (t) => {
  const { node, system } = await t.context.start(2)
  system.addNamespace('bbox1')
  system.hostAddresses = [
    { device: 'eth0', address: '192.168.56.2', mtu: 9000 },
  ]
  await node.networks.create(networkRequest({}))

  await node.endpoints.connect(connectRequest({}))

  t.is(system.configured.get('/run/netns/bbox1 eth0')?.mtu, 8950)
})

test('an underlay of IPv6 takes 20 bytes more', async (t) => {
  const one = await t.context.create(2)
  one.system.hostAddresses = [{ device: 'eth0', address: 'fd56::2', mtu: 1500 }]
  const { node, system } = await t.context.create(2, {}, one.system)
  await node.start()
  t.teardown(() => node.stop())
  system.addNamespace('bbox1')
  await node.networks.create(networkRequest({}))

  await node.endpoints.connect(connectRequest({}))

  t.is(system.configured.get('/run/netns/bbox1 eth0')?.mtu, 1430)
})

test("Docker's option is the MTU of the underlay", async (t) => {
  const { node, system } = await t.context.start(2)
  system.addNamespace('bbox1')
  const options = { 'com.docker.network.driver.mtu': '1480' }
  await node.networks.create(networkRequest({ options }))

  await node.endpoints.connect(connectRequest({}))

  t.is(system.configured.get('/run/netns/bbox1 eth0')?.mtu, 1430)
})

test('more than the way takes is given, with a warning', async (t) => {
  const { node, system, logger } = await t.context.start(2)
  await t.context.start(3)
  system.addNamespace('bbox1')
  system.hostRoutes = [
    { to: '192.168.56.3', device: 'eth0', source: '192.168.56.2', mtu: 1400 },
  ]
  const options = { 'com.docker.network.driver.mtu': '1480' }
  await node.networks.create(networkRequest({ options }))

  await node.endpoints.connect(connectRequest({}))

  t.is(system.configured.get('/run/netns/bbox1 eth0')?.mtu, 1430)
  t.deepEqual(logger.messages('warn'), [
    'the MTU asked for the underlay is 1480, but the way to some host takes 1400: larger packets are fragmented, or their senders told',
  ])
})

test('IPv6 inside needs 1280 bytes', async (t) => {
  const { node, system } = await t.context.start(2)
  system.addNamespace('bbox1')
  const options = { 'com.docker.network.driver.mtu': '1300' }
  await node.networks.create(
    networkRequest({ options, subnets: ['fd01::/64'] }),
  )

  await t.throwsAsync(node.endpoints.connect(connectRequest({})), {
    code: 'MTU_TOO_SMALL',
    message:
      'the MTU inside the overlay would be 1250; at least 1280 is needed',
  })
  t.deepEqual(system.linksOf('bbox1'), [])
})
