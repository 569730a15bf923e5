//  One network over two hosts: who is on it reaches everybody else, by address
//  and by name, from the first packet on.
//
//   bbox1  bbox3            bbox2  bbox4
//     |      |                |      |
//    TAP    TAP              TAP    TAP
//   overtapd @ host2       overtapd @ host3       redis-server @ host1
//       (.130) ---------------- (.128) ------------------ (.129)
//                          switch

import test from 'ava'
import type {
  HostResponse,
  NetworkResponse,
} from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import type { Namespace } from '../lab/namespace.js'
import { lookUp, reaches } from '../lab/traffic.js'

let cluster: Cluster
let net1: NetworkResponse
const containers: Container[] = []

test.before(async () => {
  cluster = await Cluster.start()
  net1 = await cluster.createNetwork('ov_net1')
})

test.after.always(() => cluster.stop())

test.serial('both daemons register themselves', async (t) => {
  const hosts = await cluster.host2.ask<HostResponse[]>('host', 'ls')
  t.deepEqual(
    hosts.map(({ Name, Address, Health }) => [Name, Address, Health]),
    [
      ['host2', '192.168.56.130', 'up'],
      ['host3', '192.168.56.128', 'up'],
    ],
  )
})

test.serial('a network is on the other host at once', async (t) => {
  const networks = await cluster.host3.ask<NetworkResponse[]>('network', 'ls')
  const seen = networks.find(({ Name }) => Name === 'ov_net1')
  t.is(seen?.Id, net1.Id)
  t.is(seen?.Scope, 'global')
})

test.serial('subnets and VNIs are given in order', async (t) => {
  t.is(net1.IPAM.Config[0]?.Subnet, '10.0.0.0/24')
  t.is(net1.IPAM.Config[0]?.Gateway, '10.0.0.1')
  t.is(net1.VNI, 256)

  const next = await cluster.createNetwork('ov_next')
  t.is(next.IPAM.Config[0]?.Subnet, '10.0.1.0/24')
  t.is(next.VNI, 257)
})

test.serial('a container gets its interface', async (t) => {
  const bbox1 = await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox1')
  containers.push(bbox1)

  const link = await show(bbox1.namespace, 'link', 'eth0')
  t.is(link['mtu'], 1450)
  t.is(link['address'], '02:42:0a:00:00:02')
  t.is(bbox1.endpoint.IPv4Address, '10.0.0.2/24')
  const { addr_info: addresses } = await show(bbox1.namespace, 'addr', 'eth0')
  t.true(
    (addresses as { local: string; prefixlen: number }[]).some(
      ({ local, prefixlen }) => local === '10.0.0.2' && prefixlen === 24,
    ),
  )
})

test.serial('the first packet of every new pair is answered', async (t) => {
  const { host2, host3 } = cluster
  const joining = [
    [host3, 'bbox2'],
    [host2, 'bbox3'],
    [host3, 'bbox4'],
  ] as const
  for (const [daemon, label] of joining) {
    const added = await cluster.addContainer(daemon, 'ov_net1', label)
    for (const { address } of containers) {
      t.true(await reaches(added.namespace, address), `${label} -> ${address}`)
    }
    containers.push(added)
  }
  t.deepEqual(
    containers.map(({ address }) => address),
    ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'],
  )
})

test.serial('the first packet by name is answered', async (t) => {
  for (const from of containers) {
    for (const to of containers) {
      t.true(
        await reaches(from.namespace, to.endpoint.Name),
        `${from.endpoint.Name} -> ${to.endpoint.Name}`,
      )
    }
  }
})

test.serial('names and addresses are answered over DNS', async (t) => {
  const [bbox1, bbox2] = pair()
  t.deepEqual(await lookUp(bbox2, 'bbox1'), ['10.0.0.2'])
  t.deepEqual(await lookUp(bbox1, 'bbox2'), ['10.0.0.3'])
  const [name] = await lookUp(bbox1, '10.0.0.3', 'PTR')
  t.regex(name ?? '', /^bbox2\./)
  t.deepEqual(await lookUp(bbox1, 'nobody'), [])
})

test.serial('an alias is a name too', async (t) => {
  const [bbox1] = pair()
  await cluster.addContainer(
    ...([cluster.host3, 'ov_net1', 'web7'] as const),
    ...['--alias', 'web', '--alias', 'www'],
  )
  t.deepEqual(await lookUp(bbox1, 'web'), ['10.0.0.6'])
  t.true(await reaches(bbox1, 'www'))
})

test.serial('the gateway address answers', async (t) => {
  const [bbox1, bbox2] = pair()
  t.true(await reaches(bbox1, '10.0.0.1'))
  t.true(await reaches(bbox2, '10.0.0.1'))
})

test.serial('fragments and IP options pass', async (t) => {
  const [bbox1] = pair()
  t.true(await reaches(bbox1, '10.0.0.3', '-s', '4000'))
  t.true(await reaches(bbox1, '10.0.0.4', '-s', '4000'))
  t.true(await reaches(bbox1, '10.0.0.3', '-R'))
})

test.serial('the largest packet passes whole, one more byte not', async (t) => {
  const [bbox1] = pair()
  t.true(await reaches(bbox1, '10.0.0.3', '-M', 'do', '-s', '1422'))
  t.false(await reaches(bbox1, '10.0.0.3', '-M', 'do', '-s', '1423'))
})

test.serial('a network of a given subnet, shared sequence', async (t) => {
  const net3 = await cluster.createNetwork(
    ...['ov_net3', '--subnet', '10.22.1.0/24'],
  )
  t.is(net3.IPAM.Config[0]?.Gateway, '10.22.1.1')
  const one = await cluster.addContainer(cluster.host2, 'ov_net3', 'n3a')
  const two = await cluster.addContainer(cluster.host3, 'ov_net3', 'n3b')
  const asked = await cluster.addContainer(
    ...([cluster.host2, 'ov_net3', 'n3c'] as const),
    ...['--ip', '10.22.1.77', '--interface', 'over0'],
  )
  t.deepEqual(
    [one.address, two.address, asked.address],
    ['10.22.1.2', '10.22.1.3', '10.22.1.77'],
  )
  t.is(asked.endpoint.Interface, 'over0')
  t.true(await reaches(two.namespace, '10.22.1.77'))
})

test.serial('IPv6 beside IPv4', async (t) => {
  await cluster.createNetwork(
    ...['ov_dual', '--subnet', '10.23.0.0/24', '--subnet', 'fd00:23::/64'],
  )
  const one = await cluster.addContainer(cluster.host2, 'ov_dual', 'six1')
  const two = await cluster.addContainer(cluster.host3, 'ov_dual', 'six2')
  const address = one.endpoint.IPv6Address.replace(/\/.*/, '')
  t.regex(address, /^fd00:23::/)
  t.true(await reaches(two.namespace, address))
  t.true(await reaches(two.namespace, 'six1', '-6'))
  t.true(await reaches(one.namespace, 'six2', '-4'))
  t.deepEqual(await lookUp(two.namespace, 'six1', 'AAAA'), [address])
})

/** bbox1 on host2 and bbox2 on host3. */
function pair(): readonly [Namespace, Namespace] {
  const [bbox1, bbox2] = containers
  if (!bbox1 || !bbox2) throw new Error('the containers were not connected')
  return [bbox1.namespace, bbox2.namespace]
}

async function show(
  namespace: Namespace,
  what: 'link' | 'addr',
  device: string,
): Promise<Record<string, unknown>> {
  const output = await namespace.run(
    ...(['ip', '-json', what, 'show', 'dev', device] as const),
  )
  const [first] = JSON.parse(output) as Record<string, unknown>[]
  return first ?? {}
}
