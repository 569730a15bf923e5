import test, { type ExecutionContext } from 'ava'
import { hostNamespace } from '../../../../src/node/endpoints/sandbox.js'
import { heldAddresses, heldRecords } from '../../../support/records.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import { passUntil } from '../../../support/until.js'
import { FakeDocker, newId } from './docker.js'

async function started(t: ExecutionContext, number = 2) {
  const cluster = new TestCluster()
  t.teardown(() => cluster.stop())
  const daemon = await cluster.start(number)
  const docker = await FakeDocker.start(t, daemon)
  return { cluster, daemon, docker }
}

test('a network of Docker is a network of the cluster', async (t) => {
  const { daemon, docker } = await started(t)
  const first = await docker.createNetwork()
  const second = await docker.createNetwork()

  t.is(first.pool.Pool, '10.0.0.0/24')
  t.is(first.gateway, '10.0.0.1/24')
  t.is(second.pool.Pool, '10.0.1.0/24')
  t.like(daemon.node.networks.list(), [
    { name: `docker-${first.id.slice(0, 12)}`, vni: 256 },
    { name: `docker-${second.id.slice(0, 12)}`, vni: 257 },
  ])
})

test('what the user says about it is as with our own command', async (t) => {
  const { daemon, docker } = await started(t)
  const network = await docker.createNetwork({
    subnet: '10.22.1.0/24',
    range: '10.22.1.128/25',
    gateway: '10.22.1.254',
    aux: { printer: '10.22.1.130', camera: '10.22.1.9' },
    options: { 'com.docker.network.driver.overlay.vxlanid_list': '700' },
    internal: true,
  })
  t.like(daemon.node.networks.list()[0], {
    vni: 700,
    internal: true,
    subnets: [
      {
        subnet: '10.22.1.0/24',
        gateway: '10.22.1.254',
        ipRange: '10.22.1.128/25',
        auxAddresses: { printer: '10.22.1.130', camera: '10.22.1.9' },
      },
    ],
  })
  const addresses = []
  for (let i = 0; i < 3; i++)
    addresses.push((await docker.run(network)).address)
  t.deepEqual(addresses, ['10.22.1.128/24', '10.22.1.129/24', '10.22.1.131/24'])
  await t.throwsAsync(docker.run(network, { ip: '10.22.1.9' }), {
    message: /Address already in use: 10\.22\.1\.9 .*camera/,
  })
})

test('several pools asked for before the first network are several', async (t) => {
  const { docker } = await started(t)
  const ask = () =>
    docker.call('IpamDriver.RequestPool', {
      AddressSpace: 'overtap',
      Pool: '',
      SubPool: '',
      Options: null,
      V6: false,
    })
  const pools = [await ask(), await ask(), await ask()]
  t.deepEqual(
    pools.map(({ Pool }) => Pool),
    ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'],
  )
})

test('pools that are asked for and left are bounded, and forgotten', async (t) => {
  const { cluster, daemon } = await started(t)
  const { driver } = daemon.node
  for (let i = 0; i < 256; i++) {
    await driver.requestPool({ subnet: `10.50.${i}.0/24`, v6: false })
  }
  const subnet = '10.51.0.0/24'
  const refused = driver.requestPool({ subnet, v6: false })
  await t.throwsAsync(refused, { code: 'DRIVER_BUSY' })
  cluster.clock.advance(121_000)
  const { id } = await driver.requestPool({ subnet, v6: false })
  t.is(
    await driver.requestAddress({ pool: id, isGateway: true }),
    '10.51.0.1/24',
  )
})

test('two hosts that create networks at once get different subnets', async (t) => {
  const { cluster, docker } = await started(t)
  const other = await FakeDocker.start(t, await cluster.start(3))
  const both = [docker, other].flatMap((one) => [
    one.createNetwork(),
    one.createNetwork(),
  ])
  const subnets = (await Promise.all(both)).map(({ pool }) => pool.Pool)
  t.is(new Set(subnets).size, 4)
})

test('a subnet that is taken is refused, naming by whom', async (t) => {
  const { daemon, docker } = await started(t)
  await daemon.node.networks.create(networkRequest({}))
  daemon.system.hostPrefixes = ['10.9.0.0/16']
  await t.throwsAsync(docker.createNetwork({ subnet: '10.0.0.0/24' }), {
    message: /Pool overlaps with other one.*network ov_net1/,
  })
  await t.throwsAsync(docker.createNetwork({ subnet: '10.9.9.0/24' }), {
    message: /Pool overlaps with other one.*a route of host2/,
  })
})

test('a network with a pool of another IPAM driver is refused', async (t) => {
  const { docker, daemon } = await started(t)
  const refused = docker.call('NetworkDriver.CreateNetwork', {
    NetworkID: newId(),
    Options: {},
    IPv4Data: [{ Pool: '172.20.0.0/16', Gateway: '172.20.0.1/16' }],
    IPv6Data: null,
  })
  await t.throwsAsync(refused, { message: /--ipam-driver overtap/ })
  t.deepEqual(daemon.node.networks.list(), [])
})

test('a creation that is refused or taken back leaves nothing', async (t) => {
  const { docker, daemon } = await started(t)
  const bad = { 'overtap.port-security': 'maybe' }
  await t.throwsAsync(docker.createNetwork({ options: bad }), {
    message: /overtap.port-security=maybe/,
  })
  const network = await docker.createNetwork()
  await docker.removeNetwork(network)
  t.deepEqual(daemon.node.networks.list(), [])
  t.deepEqual(daemon.node.driver.networks(), [])
  await docker.removeNetwork(network)
})

test('a repeated CreateNetwork makes no second one', async (t) => {
  const { docker, daemon } = await started(t)
  const { id, pool, gateway } = await docker.createNetwork()
  await docker.call('NetworkDriver.CreateNetwork', {
    NetworkID: id,
    Options: {},
    IPv4Data: [{ Pool: pool.Pool, Gateway: gateway }],
    IPv6Data: null,
  })
  t.is(daemon.node.networks.list().length, 1)
})

test('a container runs, stops, and leaves nothing', async (t) => {
  const { cluster, daemon, docker } = await started(t)
  const network = await docker.createNetwork()
  const container = await docker.run(network)

  t.is(container.address, '10.0.0.2/24')
  t.is(container.mac, '02:42:0a:00:00:02')
  t.regex(container.link, /^ovt[0-9a-f]{11}$/)
  t.deepEqual(
    daemon.system.configured.get(`${hostNamespace} ${container.link}`),
    {
      netns: hostNamespace,
      name: container.link,
      mac: '02:42:0a:00:00:02',
      mtu: 1450,
      addresses: [],
      gsoMaxSize: 61_440,
      up: false,
    },
  )
  t.like(await daemon.node.endpoints.list(), [
    {
      endpoint: {
        host: 'host2',
        name: container.endpoint.slice(0, 12),
        addresses: ['10.0.0.2/24'],
        driver: 'docker',
      },
    },
  ])
  t.like(daemon.engine.table(256), {
    '02:42:0a:00:00:02': `port ${hostNamespace}`,
  })

  await docker.stop(container)
  t.deepEqual(heldRecords(cluster.backend), [])
  t.deepEqual(daemon.system.linksAt(hostNamespace), [])
  t.deepEqual([...daemon.engine.ports], [])
  t.is((await docker.run(network)).address, '10.0.0.3/24')
})

test('an address and a MAC that the user chose', async (t) => {
  const { docker, daemon } = await started(t)
  const network = await docker.createNetwork()
  const wish = { ip: '10.0.0.50', mac: '02:00:00:00:00:99' }
  const container = await docker.run(network, wish)
  t.is(container.address, '10.0.0.50/24')
  t.like(daemon.engine.table(256), {
    '02:00:00:00:00:99': `port ${hostNamespace}`,
  })
  await t.throwsAsync(docker.run(network, { ip: '10.0.0.50' }), {
    message: /Address already in use: 10\.0\.0\.50/,
  })
  await t.throwsAsync(docker.run(network, { mac: wish.mac }), {
    message: /MAC address 02:00:00:00:00:99 is in use by/,
  })
  await t.throwsAsync(docker.run(network, { mac: '02:42:0a:00:00:01' }), {
    message: /is in use by the gateway/,
  })
  await t.throwsAsync(docker.run(network, { mac: '01:00:00:00:00:99' }), {
    message: /invalid MAC/,
  })
  t.is((await docker.run(network)).address, '10.0.0.5/24')
})

test('a container that is started again has the address it was given', async (t) => {
  const { docker } = await started(t)
  const network = await docker.createNetwork()
  const first = await docker.run(network, { ip: '10.0.0.50' })
  await docker.stop(first)
  const again = await docker.run(network, { ip: '10.0.0.50' })
  t.is(again.address, '10.0.0.50/24')
  t.not(again.endpoint, first.endpoint)
})

test('full is said as Docker says it', async (t) => {
  const { docker } = await started(t)
  const network = await docker.createNetwork({ subnet: '10.7.0.0/30' })
  await docker.run(network)
  await t.throwsAsync(docker.run(network), {
    message: /no available addresses on this pool/,
  })
})

test('on another host it is the same network, by its name', async (t) => {
  const { cluster, daemon, docker } = await started(t)
  await daemon.node.networks.create(
    networkRequest({ auxAddresses: { printer: '10.0.0.9' } }),
  )
  const other = await cluster.start(3)
  const there = await FakeDocker.start(t, other)
  const aux = { printer: '10.0.0.9' }
  const gid = 'ov_net1'
  const network = await docker.createNetwork({
    gid,
    aux,
    subnet: '10.0.0.0/24',
  })
  const same = await there.createNetwork({ gid })

  t.is(network.pool.PoolID, same.pool.PoolID)
  t.is(same.gateway, '10.0.0.1/24')
  t.is(other.node.networks.list().length, 1)
  t.is((await docker.run(network)).address, '10.0.0.2/24')
  t.is((await there.run(same)).address, '10.0.0.3/24')
  await passUntil(
    cluster.clock,
    () => other.engine.table(256)?.['02:42:0a:00:00:02'] !== undefined,
  )
  t.like(other.engine.table(256), {
    '02:42:0a:00:00:02': 'peer 192.168.56.2:4789',
    '02:42:0a:00:00:03': `port ${hostNamespace}`,
  })
  await there.removeNetwork(same)
  t.is(daemon.node.networks.list().length, 1)
  await t.throwsAsync(docker.createNetwork({ gid, subnet: '10.1.0.0/24' }), {
    message: /network ov_net1 has no subnet 10\.1\.0\.0\/24/,
  })
})

test('what Docker takes back twice, or never had, is fine', async (t) => {
  const { cluster, docker } = await started(t)
  const network = await docker.createNetwork()
  const container = await docker.run(network)
  const kept = await docker.run(network)
  await docker.stop(container)
  const where = { NetworkID: network.id, EndpointID: container.endpoint }
  for (const EndpointID of [container.endpoint, newId()]) {
    await docker.call('NetworkDriver.Leave', { ...where, EndpointID })
    await docker.call('NetworkDriver.DeleteEndpoint', { ...where, EndpointID })
  }
  await docker.releaseAddress(network.pool.PoolID, container.address)
  await docker.releaseAddress('nobody/10.200.0.0/24', '10.200.0.2')
  // One that is in use is not given away, whatever Docker says.
  await docker.releaseAddress(network.pool.PoolID, kept.address)
  t.is(heldAddresses(cluster.backend).length, 1)
})

test('an address that is asked for and left is given back', async (t) => {
  const { cluster, docker } = await started(t)
  const network = await docker.createNetwork()
  const address = await docker.requestAddress(network.pool.PoolID)
  t.is(heldAddresses(cluster.backend).length, 1)
  await docker.releaseAddress(network.pool.PoolID, address)
  t.deepEqual(heldAddresses(cluster.backend), [])

  await docker.requestAddress(network.pool.PoolID)
  cluster.clock.advance(119_000)
  t.is(heldAddresses(cluster.backend).length, 1)
  await passUntil(
    cluster.clock,
    () => heldAddresses(cluster.backend).length === 0,
  )
  t.pass()
})

test('an endpoint that is never joined leaves nothing', async (t) => {
  const { cluster, daemon, docker } = await started(t)
  const network = await docker.createNetwork()
  daemon.engine.refusal = new Error('no TAP')
  await t.throwsAsync(docker.join(network))
  t.deepEqual(await daemon.node.endpoints.list(), [])
  await docker.releaseAddress(network.pool.PoolID, '10.0.0.2')
  t.deepEqual(heldRecords(cluster.backend), [])
  t.deepEqual(daemon.system.linksAt(hostNamespace), [])
})

test('names come later, and then everybody has them', async (t) => {
  const { cluster, daemon, docker } = await started(t)
  const other = await cluster.start(3)
  const network = await docker.createNetwork()
  const container = await docker.run(network)
  const { driver } = daemon.node
  await driver.nameNetwork(network.id, 'ov_net1', { team: 'net' })
  await driver.nameEndpoint(container.endpoint, {
    name: 'bbox1',
    aliases: ['web', 'no good'],
    hostname: 'box',
    container: 'c0ffee'.repeat(8),
  })

  await passUntil(
    cluster.clock,
    () => other.node.networks.list()[0]?.name === 'ov_net1',
  )
  const seen = await other.node.networks.inspect('ov_net1')
  t.deepEqual(seen.network.labels, { team: 'net' })
  t.like(seen.endpoints[0], {
    name: 'bbox1',
    aliases: ['web', 'c0ffeec0ffee'],
    hostname: 'box',
    interface: 'eth0',
  })
  t.deepEqual(driver.networks()[0]?.isUnnamed, false)
  t.is(daemon.node.status().networks, 1)
  await docker.stop(container)
  await docker.removeNetwork(network)
  t.is(daemon.node.networks.list()[0]?.name, 'ov_net1')
})

test('a name that another network has is refused', async (t) => {
  const { daemon, docker } = await started(t)
  await daemon.node.networks.create(networkRequest({}))
  const network = await docker.createNetwork()
  const named = daemon.node.driver.nameNetwork(network.id, 'ov_net1', {})
  await t.throwsAsync(named, { code: 'NETWORK_EXISTS' })
})

test('our own command leaves containers to Docker', async (t) => {
  const { daemon, docker } = await started(t)
  const network = await docker.createNetwork()
  const { endpoint } = await docker.run(network)
  const [{ name } = { name: '' }] = daemon.node.networks.list()
  await t.throwsAsync(
    daemon.node.endpoints.disconnect(name, endpoint.slice(0, 12)),
    { code: 'ENDPOINT_OF_DOCKER' },
  )
})

test('containers of both kinds are on one network', async (t) => {
  const { daemon, docker } = await started(t)
  await daemon.node.networks.create(networkRequest({}))
  const network = await docker.createNetwork({ gid: 'ov_net1' })
  await docker.run(network)
  daemon.system.addNamespace('bbox2')
  await daemon.node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  t.like(daemon.engine.table(256), {
    '02:42:0a:00:00:02': `port ${hostNamespace}`,
    '02:42:0a:00:00:03': 'port /run/netns/bbox2',
  })
})
