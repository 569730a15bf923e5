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
const vxlanIds = 'com.docker.network.driver.overlay.vxlanid_list'

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  t.context = { cluster, host2: await cluster.start(2) }
})

test.afterEach.always((t) => t.context.cluster.stop())

test('several subnets have a gateway, a range and aux addresses each', async (t) => {
  const { node } = t.context.host2

  const { network } = await node.networks.create(
    networkRequest({
      subnets: ['10.1.0.0/24', '10.2.0.0/24', 'fd03::/64'],
      gateways: ['10.2.0.254', '10.1.0.254'],
      ipRanges: ['10.2.0.128/25'],
      auxAddresses: { router: '10.2.0.130', nas: 'FD03:0::9', b: '10.2.0.129' },
    }),
  )

  t.deepEqual(network.subnets, [
    { subnet: '10.1.0.0/24', gateway: '10.1.0.254' },
    {
      subnet: '10.2.0.0/24',
      gateway: '10.2.0.254',
      ipRange: '10.2.0.128/25',
      auxAddresses: { router: '10.2.0.130', b: '10.2.0.129' },
    },
    {
      subnet: 'fd03::/64',
      gateway: 'fd03::1',
      auxAddresses: { nas: 'fd03::9' },
    },
  ])
})

test('aux addresses are given to nobody, by turn or by wish', async (t) => {
  const { node, system } = t.context.host2
  system.addNamespace('bbox1')
  await node.networks.create(
    networkRequest({
      subnets: ['10.1.0.0/24'],
      auxAddresses: { router: '10.1.0.2' },
    }),
  )

  await t.throwsAsync(
    node.endpoints.connect(connectRequest({ ip: '10.1.0.2' })),
    { message: 'Address already in use: 10.1.0.2' },
  )
  const { endpoint } = await node.endpoints.connect(connectRequest({}))

  t.deepEqual(endpoint.addresses, ['10.1.0.3/24'])
})

const strayAddresses = [
  ['10.9.0.1', /no matching subnet for aux-address$/],
  ['10.1.0.1', /the address of the gateway$/],
  ['10.1.0.255', /the network or broadcast address of 10\.1\.0\.0\/24$/],
  ['router', /not an address$/],
  ['10.1.0.9', /it is given twice$/],
] as const

for (const [address, message] of strayAddresses) {
  test(`refused as an aux address: ${address}`, async (t) => {
    const { node } = t.context.host2

    await t.throwsAsync(
      node.networks.create(
        networkRequest({
          subnets: ['10.1.0.0/24'],
          auxAddresses: { other: '10.1.0.9', router: address },
        }),
      ),
      { code: 'AUX_ADDRESS_INVALID', message },
    )
  })
}

test('containers fill the subnets of a network one after the other', async (t) => {
  const { node, system } = t.context.host2
  await node.networks.create(
    networkRequest({ subnets: ['10.1.0.0/30', '10.2.0.0/29'] }),
  )
  const addresses: (string | undefined)[] = []
  for (const target of ['a', 'b', 'c']) {
    system.addNamespace(target)
    const { endpoint } = await node.endpoints.connect(
      connectRequest({ target }),
    )
    addresses.push(endpoint.addresses[0])
  }

  t.deepEqual(addresses, ['10.1.0.2/30', '10.2.0.2/29', '10.2.0.3/29'])
})

test('with --ipv6 a network has a prefix of its own beside IPv4', async (t) => {
  const { node, system } = t.context.host2
  system.addNamespace('bbox1')

  const { network } = await node.networks.create(networkRequest({ ipv6: true }))
  const { endpoint } = await node.endpoints.connect(connectRequest({}))

  const [v4, v6] = network.subnets
  t.is(v4?.subnet, '10.0.0.0/24')
  t.regex(v6?.subnet ?? '', /^fd[0-9a-f]{2}:.*::\/64$/)
  t.is(endpoint.addresses[0], '10.0.0.2/24')
  t.is(endpoint.addresses[1], v6?.subnet.replace('::/64', '::2/64'))
})

test('with --ipv6 a subnet that is given is the one', async (t) => {
  const { network } = await t.context.host2.node.networks.create(
    networkRequest({ ipv6: true, subnets: ['fd07::/64'] }),
  )

  t.deepEqual(
    network.subnets.map(({ subnet }) => subnet),
    ['10.0.0.0/24', 'fd07::/64'],
  )
})

test("a subnet that another host routes is refused, with the host's name", async (t) => {
  const { cluster, host2 } = t.context
  const other = await cluster.create(3)
  other.system.hostPrefixes = ['172.20.0.0/16']
  await other.node.start()
  t.teardown(() => other.node.stop())
  await until(async () => (await host2.node.hosts.list()).length === 2)

  await t.throwsAsync(
    host2.node.networks.create(networkRequest({ subnets: ['172.20.3.0/24'] })),
    {
      message:
        'Pool overlaps with other one on this address space: 172.20.3.0/24 with 172.20.0.0/16, a route of host3',
    },
  )
})

test('the VNI can be asked for as with Docker', async (t) => {
  const { node } = t.context.host2
  const create = (name: string, vnis: string, vni?: number) =>
    node.networks.create(
      networkRequest({
        name,
        options: { [vxlanIds]: vnis },
        ...(vni !== undefined && { vni }),
      }),
    )

  t.is((await create('one', '300')).network.vni, 300)
  t.is((await create('two', '301,302')).network.vni, 301)
  t.is((await create('both', '303', 303)).network.vni, 303)
  await t.throwsAsync(create('taken', '300'), { code: 'VNI_IN_USE' })
  await t.throwsAsync(create('unequal', '304', 305), {
    message: `network option ${vxlanIds}=304: it is not --vni 305`,
  })
  for (const bad of ['', 'x', '0', '16777216', '300,', '1e3']) {
    await t.throwsAsync(create('bad', bad), { code: 'NETWORK_OPTION_INVALID' })
  }
})
