//  The way between two hosts is narrower than what they are connected to. The
//  containers have an MTU of 1450 all the same, as the user has asked for it.
//
//   bbox1 (MTU 1450)                             bbox2 (MTU 1450)
//     |                                            |
//   overtapd @ host2                             overtapd @ host3
//       (.56.130) --- switch --- router --- 1400 --- (.57.128)

import anyTest from 'ava'
import type { ExecutionContext, TestFn } from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { addressOf } from '../../src/net/cidr.js'
import { Cluster, type Container } from '../lab/cluster.js'
import type { ClusterOptions } from '../lab/cluster.js'
import type { Daemon } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import { iperf } from '../lab/iperf.js'
import type { Namespace } from '../lab/namespace.js'
import { Stream } from '../lab/stream.js'
import { reaches, udpEcho } from '../lab/traffic.js'

interface Context {
  cluster: Cluster
  bbox1: Container
  bbox2: Container
}

const test = anyTest as TestFn<Context>

test.afterEach.always((t) =>
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- not when it did not start
  t.context.cluster?.stop(),
)

test.serial('a hop that answers: senders are told', async (t) => {
  const { bbox1, bbox2, cluster } = await start(t, {})
  const bulk = await Stream.start(
    bbox1.namespace,
    bbox2.namespace,
    bbox2.address,
  )
  await eventually(t, async (t) => {
    t.is(await pathMtu(cluster.host2), 1400)
    t.is(await pathMtu(cluster.host3), 1400)
  })
  const { Events } = await cluster.host2.ask<StatusResponse>('status')
  t.like(
    Events.find(({ Kind }) => Kind === 'path-mtu-changed'),
    {
      Message:
        'packets to 192.168.57.128:4789 may have 1400 bytes, before 1500',
      Address: '192.168.57.128',
    },
  )

  await cluster.host3.logged(/asked for the underlay is 1500, but .* 1400/)
  await withoutDf(t)
  await tellsWhatPasses(t)
  await inBulk(t)
  t.like(await bulk.finish(), { complete: true })
})

test.serial('no hop answers: it arrives in fragments', async (t) => {
  const { bbox1, bbox2, cluster } = await start(t, {}, 'silent')

  t.true(
    await reaches(bbox1.namespace, bbox2.address, '-M', 'do', '-s', '1400'),
  )
  for (const reverse of [false, true]) {
    const { bytes } = await iperf(
      ...([bbox1.namespace, bbox2.namespace, bbox2.address] as const),
      { seconds: 1, reverse },
    )
    t.true(bytes > 10e6, `${bytes} bytes`)
  }
  t.deepEqual(
    await udpEcho(
      bbox1.namespace,
      bbox2.namespace,
      bbox2.address,
      [1400, 4000],
    ),
    [1400, 4000],
  )
  t.is(await pathMtu(cluster.host2), 1500)
  t.true((await fragments(cluster.host3)) > 0)
})

test.serial('an underlay of IPv6', async (t) => {
  const { cluster } = await start(t, { family: 6 })
  await eventually(t, async (t) => {
    t.is(await pathMtu(cluster.host2), 1400)
  })
  await inBulk(t)
})

test.serial('a route that becomes narrow is followed', async (t) => {
  const { bbox1, bbox2, cluster } = await start(t, {})
  const { host } = cluster.host2
  await eventually(t, async (t) => {
    t.is(await pathMtu(cluster.host2), 1400)
  })
  await inBulk(t)

  await host.ip('route replace 192.168.57.0/24 via 192.168.56.1 mtu lock 1300')
  const { bytes } = await iperf(
    ...([bbox1.namespace, bbox2.namespace, bbox2.address] as const),
    { seconds: 1 },
  )
  t.true(bytes > 10e6)

  // Long before it is due: sending has found out.
  await eventually(t, async (t) => {
    t.is(await pathMtu(cluster.host2), 1300)
  })
})

/** Both containers, on a network with IPv6 too. */
async function start(
  t: ExecutionContext<Context>,
  options: ClusterOptions,
  router: 'silent' | 'answers' = 'answers',
): Promise<Context> {
  const cluster = await Cluster.start({ ...options, narrow: 1400 })
  t.context.cluster = cluster
  if (router === 'silent') {
    await cluster.router?.ip('rule add ipproto icmp blackhole')
  }
  const underlay = options.family === 6 ? 1520 : 1500
  await cluster.createNetwork(
    ...['ov_wide', '--subnet', '10.24.0.0/24', '--subnet', 'fd00:24::/64'],
    ...['--opt', `com.docker.network.driver.mtu=${underlay}`],
  )
  const { host2, host3 } = cluster
  t.context.bbox1 = await cluster.addContainer(host2, 'ov_wide', 'bbox1')
  t.context.bbox2 = await cluster.addContainer(host3, 'ov_wide', 'bbox2')
  return t.context
}

async function withoutDf(t: ExecutionContext<Context>): Promise<void> {
  const { bbox1, bbox2, cluster } = t.context
  const before = await fragments(cluster.host3)
  t.true(
    await reaches(bbox1.namespace, bbox2.address, '-M', 'dont', '-s', '1400'),
  )
  t.true((await fragments(cluster.host3)) > before)
}

async function tellsWhatPasses(t: ExecutionContext<Context>): Promise<void> {
  const { bbox1, bbox2 } = t.context
  const address6 = addressOf(bbox2.endpoint.IPv6Address)
  const ways = [
    [bbox1, bbox2.address, /From 10.24.0.1 .*Frag needed.*mtu = 1350/, 1322],
    [bbox1, address6, /From fd00:24::1 .*Packet too big: mtu=1350/, 1302],
  ] as const
  for (const [from, to, answer, fits] of ways) {
    t.regex(await pingOnce(from.namespace, to, 1400), answer)
    t.true(
      await reaches(from.namespace, to, '-M', 'do', '-s', String(fits)),
      `${fits} bytes to ${to}`,
    )
  }
}

/** TCP in both directions, without a fragment after the first moments. */
async function inBulk(t: ExecutionContext<Context>): Promise<void> {
  const { bbox1, bbox2, cluster } = t.context
  const addresses = [bbox2.address, addressOf(bbox2.endpoint.IPv6Address)]
  for (const address of addresses) {
    for (const reverse of [false, true]) {
      const ends = [bbox1.namespace, bbox2.namespace, address] as const
      const before = await allFragments(cluster)
      const { bitsPerSecond } = await iperf(...ends, { bytes: '50M', reverse })
      t.true(bitsPerSecond > 80e6, `${bitsPerSecond} bit/s`)
      t.is(await allFragments(cluster), before)
    }
  }
}

async function allFragments({ host2, host3 }: Cluster): Promise<number> {
  return (await fragments(host2)) + (await fragments(host3))
}

/** How many a host was sent in all, of both versions. */
async function fragments({ host }: Daemon): Promise<number> {
  const v4 = await host.run('cat', '/proc/net/snmp')
  const [names = '', values = ''] = v4
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
  const column = names.split(' ').indexOf('ReasmReqds')
  const v6 = await host.run('cat', '/proc/net/snmp6')
  const [, count6] = /^Ip6ReasmReqds\s+(\d+)$/m.exec(v6) ?? []
  return Number(values.split(' ')[column]) + Number(count6)
}

async function pingOnce(
  from: Namespace,
  to: string,
  size: number,
): Promise<string> {
  const { stdout } = await from.attempt('ping', [
    ...['-c', '1', '-W', '1', '-M', 'do', '-s', String(size), to],
  ])
  return stdout
}

/** Of the way to the only peer. */
async function pathMtu(daemon: Daemon): Promise<number | null | undefined> {
  const { Engine } = await daemon.ask<StatusResponse>('status')
  return Engine.Peers[0]?.PathMTU
}
