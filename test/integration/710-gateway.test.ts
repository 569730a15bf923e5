//  The way outside: a bridge on each host, one port per container.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)   bbox3 (ov_net2, later ov_net1)
//   eth0|  |eth1            eth0|  |eth1        |
//       | overtap_gwbr          | overtap_gwbr (its own, on each host)
//   overtapd @ host2        overtapd @ host3            internet
//       (.130) ---- switch ---- (.128) --------------- (.1), 203.0.113.9

import test from 'ava'
import type {
  EndpointResponse,
  StatusResponse,
} from '../../src/frontends/api/schema.js'
import { Cluster, connect, type Container } from '../lab/cluster.js'
import { Internet } from '../lab/internet.js'
import type { Namespace } from '../lab/namespace.js'
import { reaches } from '../lab/traffic.js'

let cluster: Cluster
let internet: Internet
let bbox1: Container
let bbox2: Container
let bbox3: Container

test.before(async () => {
  cluster = await Cluster.start()
  const { lab, host2, host3 } = cluster
  internet = await Internet.create(lab, [host2.host, host3.host])
  await cluster.createNetwork('ov_net1')
  await cluster.createNetwork('ov_net2')
})

test.after.always(() => cluster.stop())

test.serial('no container, no bridge', async (t) => {
  t.deepEqual(await bridges(cluster.host2.host), [])
  const { Gateway } = await cluster.host2.ask<StatusResponse>('status')
  t.is(Gateway.State, 'idle')
})

test.serial('step 4: eth1 is on the bridge, with the way out', async (t) => {
  bbox1 = await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox1')
  t.is(bbox1.endpoint.Interface, 'eth0')
  t.deepEqual(bbox1.endpoint.Gateway, {
    Interface: 'eth1',
    IPv4Address: '172.18.0.2/16',
    IPv6Address: 'fd6f:7665:7274:6170::2/64',
  })
  const link = await bbox1.namespace.run('ip', 'address', 'show', 'eth1')
  t.regex(link, /mtu 1500/)
  t.regex(link, /link\/ether 02:42:ac:12:00:02/)
  t.regex(link, /inet 172\.18\.0\.2\/16/)
  t.is(await defaultRoute(bbox1.namespace), 'default via 172.18.0.1 dev eth1')
  t.regex(
    await defaultRoute(bbox1.namespace, '-6'),
    /^default via fd6f:7665:7274:6170::1 dev eth1/,
  )
})

test.serial('step 5: the bridge', async (t) => {
  const { host } = cluster.host2
  t.deepEqual(await bridges(host), ['overtap_gwbr'])
  const shown = await host.run('ip', 'address', 'show', 'overtap_gwbridge')
  t.regex(shown, /inet 172\.18\.0\.1\/16/)
  t.regex(await host.run('bridge', '-d', 'link'), /otgw2.*isolated on/s)
  const { Gateway } = await cluster.host2.ask<StatusResponse>('status')
  t.deepEqual(Gateway, {
    State: 'on',
    Reason: '',
    Bridge: 'overtap_gwbr',
    Subnets: ['172.18.0.0/16', 'fd6f:7665:7274:6170::/64'],
    Containers: 1,
  })
})

test.serial('step 6: the outside sees the host', async (t) => {
  const { host } = cluster.host2
  t.true(await reaches(bbox1.namespace, internet.address))
  t.is(await internet.sees(bbox1.namespace), host.address)
  t.is(await internet.sees(bbox1.namespace, 6), Internet.address6Of(host))
})

test.serial('the overlay is not masqueraded', async (t) => {
  bbox2 = await cluster.addContainer(cluster.host3, 'ov_net1', 'bbox2')
  t.true(await reaches(bbox2.namespace, bbox1.address))
  t.is(bbox2.endpoint.Gateway?.IPv4Address, '172.18.0.2/16')
  t.is(await internet.sees(bbox2.namespace), cluster.host3.host.address)
})

test.serial('containers do not reach each other over the bridge', async (t) => {
  const { host2 } = cluster
  const other = await cluster.addContainer(host2, 'ov_net2', 'other')
  const address = '172.18.0.3'
  t.is(other.endpoint.Gateway?.IPv4Address, `${address}/16`)
  t.true(await reaches(host2.host, address))
  t.false(await reaches(bbox1.namespace, address))
  t.false(await reaches(bbox1.namespace, 'fd6f:7665:7274:6170::3'))
  // Nor by way of the host.
  await bbox1.namespace.ip(`route add ${address} via 172.18.0.1`)
  t.false(await reaches(bbox1.namespace, address))
  await bbox1.namespace.ip(`route delete ${address}`)
})

test.serial('nor does the outside reach them uncalled', async (t) => {
  const { host } = cluster.host2
  await internet.host.ip(`route add 172.18.0.0/16 via ${host.address}`)
  t.false(await reaches(internet.host, '172.18.0.2'))
  await internet.host.ip('route delete 172.18.0.0/16')
  t.true(await reaches(bbox1.namespace, internet.address))
})

test.serial("another's address or MAC is of no use", async (t) => {
  const { namespace } = bbox1
  await namespace.ip('address add 172.18.0.9/16 dev eth1')
  t.false(await reaches(namespace, internet.address, '-I', '172.18.0.9'))
  t.false(await reaches(namespace, '172.18.0.1', '-I', '172.18.0.9'))
  await namespace.ip('address delete 172.18.0.9/16 dev eth1')
  await namespace.ip('link set dev eth1 address 02:42:ac:12:00:03')
  t.false(await reaches(namespace, '172.18.0.1'))
  await namespace.ip('link set dev eth1 address 02:42:ac:12:00:02')
  t.true(await reaches(namespace, internet.address))
})

test.serial('step 10: a second network, the same bridge', async (t) => {
  const { host3 } = cluster
  bbox3 = await cluster.addContainer(host3, 'ov_net2', 'bbox3')
  t.deepEqual(await bridges(host3.host), ['overtap_gwbr'])
  t.is(await internet.sees(bbox3.namespace), host3.host.address)
  t.false(await reaches(bbox3.namespace, bbox1.address))
})

test.serial('step 11: eth2 for a while, the way out stays', async (t) => {
  const joined = await connect(cluster.host3, 'ov_net1', bbox3.namespace)
  t.is(joined.endpoint.Interface, 'eth2')
  t.is(joined.endpoint.Gateway?.Interface, 'eth1')
  t.true(await reaches(bbox3.namespace, bbox1.address))
  t.is(await internet.sees(bbox3.namespace), cluster.host3.host.address)

  await disconnect('ov_net1', bbox3.namespace)
  t.deepEqual(await interfaces(bbox3.namespace), ['eth0', 'eth1', 'lo'])
  t.is(await internet.sees(bbox3.namespace), cluster.host3.host.address)
})

test.serial('a free number is used again', async (t) => {
  const joined = await connect(cluster.host3, 'ov_net1', bbox3.namespace)
  t.is(joined.endpoint.Interface, 'eth2')
  await disconnect('ov_net2', bbox3.namespace)
  t.deepEqual(await interfaces(bbox3.namespace), ['eth1', 'eth2', 'lo'])
  t.is(await internet.sees(bbox3.namespace), cluster.host3.host.address)
  const again = await connect(cluster.host3, 'ov_net2', bbox3.namespace)
  t.is(again.endpoint.Interface, 'eth0')
})

test.serial('an internal network has no way out', async (t) => {
  const { host3 } = cluster
  await cluster.createNetwork('ov_inner', '--internal')
  const inner = await cluster.addContainer(host3, 'ov_inner', 'inner')
  t.is(inner.endpoint.Gateway, undefined)
  t.deepEqual(await interfaces(inner.namespace), ['eth0', 'lo'])
  t.is(await defaultRoute(inner.namespace), '')
  t.is(await internet.sees(inner.namespace), '')

  await connect(host3, 'ov_net1', inner.namespace)
  t.is(await internet.sees(inner.namespace), host3.host.address)
  await disconnect('ov_net1', inner.namespace)
  t.deepEqual(await interfaces(inner.namespace), ['eth0', 'lo'])
  t.is(await defaultRoute(inner.namespace), '')
})

test.serial('a default route that is there stays', async (t) => {
  const { host3, lab } = cluster
  const own = await lab.addContainer('own')
  await own.ip(
    'link add way type veth peer name yaw',
    'link set way up',
    'link set yaw up',
    'address add 192.0.2.2/24 dev way',
    'route add default via 192.0.2.1 metric 50',
  )
  await connect(host3, 'ov_net1', own)
  t.is(await defaultRoute(own), 'default via 192.0.2.1 dev way metric 50')
  await host3.logged(/has a default route already/)
  t.is((await endpoint('own')).Gateway?.Interface, 'eth1')
})

test.serial('the last container takes the bridge along', async (t) => {
  const { host2 } = cluster
  for (const [network, name] of [
    ['ov_net1', 'bbox1'],
    ['ov_net2', 'other'],
  ] as const) {
    await host2.ask('network', 'disconnect', network, name)
  }
  t.deepEqual(await bridges(host2.host), [])
  t.is(await host2.host.run('/usr/sbin/nft', 'list', 'tables'), '')
  t.deepEqual(await interfaces(bbox1.namespace), ['lo'])
})

async function endpoint(name: string): Promise<EndpointResponse> {
  const all = await cluster.host3.ask<EndpointResponse[]>('endpoint', 'ls')
  const found = all.find(({ Name }) => Name === name)
  if (!found) throw new Error(`${name} is not connected`)
  return found
}

function disconnect(network: string, from: Namespace): Promise<unknown> {
  return cluster.host3.ask('network', 'disconnect', network, from.name)
}

async function bridges(host: Namespace): Promise<string[]> {
  return names(await host.run('ip', '-json', 'link', 'show', 'type', 'bridge'))
}

async function interfaces(container: Namespace): Promise<string[]> {
  return names(await container.run('ip', '-json', 'link', 'show'))
}

function names(json: string): string[] {
  const links = JSON.parse(json || '[]') as { ifname?: string }[]
  return links.flatMap(({ ifname }) => ifname ?? []).sort()
}

async function defaultRoute(
  container: Namespace,
  family: '-4' | '-6' = '-4',
): Promise<string> {
  const words = [family, 'route', 'show', 'default'] as const
  return (await container.run('ip', ...words)).trim()
}
