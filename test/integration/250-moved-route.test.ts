//  Two ways from host2 to host3, and a flow that is on one, then on the other.
//
//   bbox1 - overtapd @ host2 --- switch --- overtapd @ host3 - bbox2
//                      `-------- cable --------'

import anyTest from 'ava'
import type { ExecutionContext, TestFn } from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { eventually } from '../lab/eventually.js'
import type { Host } from '../lab/namespace.js'
import type { Program } from '../lab/program.js'
import { Stream } from '../lab/stream.js'

interface Context {
  cluster: Cluster
  bbox1: Container
  bbox2: Container
}

const test = anyTest as TestFn<Context>
const cable = 'cable0'
const much = 20_000_000

test.before(async (t) => {
  const cluster = await Cluster.start()
  t.context.cluster = cluster
  const { host: host2 } = cluster.host2
  const { host: host3 } = cluster.host3
  // Even and odd: the program of tunnel-gso gets the index in a place where a MAC address was.
  t.is((await link(host2, host2.interface)).ifindex % 2, 0)
  await cluster.lab.addCable(host2, host3, { name: cable, index: 101 })
  // Packets of the other host may come by either way.
  for (const host of [host2, host3]) {
    await host.run('sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=2')
  }
  await cluster.createNetwork('ov_net1')
  t.context.bbox1 = await cluster.addContainer(
    ...([cluster.host2, 'ov_net1', 'bbox1'] as const),
  )
  t.context.bbox2 = await cluster.addContainer(
    ...([cluster.host3, 'ov_net1', 'bbox2'] as const),
  )
})

test.after.always((t) =>
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- not when it did not start
  t.context.cluster?.stop(),
)

test('superpackets go where the route goes, while they flow', async (t) => {
  const { bbox1, bbox2, cluster } = t.context
  const { host: host2 } = cluster.host2
  const { host: host3 } = cluster.host3
  const stream = await Stream.start(
    ...([bbox1.namespace, bbox2.namespace, bbox2.address] as const),
  )
  const bulk = await startBulk(t.context)
  await carries(t, host2, host2.interface)

  await host2.ip(`route add ${host3.address} dev ${cable}`)
  await host3.ip(`route add ${host2.address} dev ${cable}`)
  await carries(t, host2, cable)

  await host2.ip(`link set ${cable} down`)
  await host3.ip(`route del ${host2.address} dev ${cable}`)
  await carries(t, host2, host2.interface)

  t.true(bulk.running)
  await bulk.stop()
  t.like(await stream.finish(), { complete: true })
  const { Engine } = await cluster.host2.ask<StatusResponse>('status')
  t.deepEqual(Engine.Pauses, [])
})

/** Ends when it is stopped. */
async function startBulk({ bbox1, bbox2 }: Context): Promise<Program> {
  const server = bbox2.namespace.start('iperf3', [
    ...['--server', '--one-off', '--forceflush', '--bind', bbox2.address],
  ])
  await server.line(/Server listening/)
  return bbox1.namespace.start('iperf3', [
    ...['--client', bbox2.address, '--time', '60', '--connect-timeout', '3000'],
  ])
}

/** From now on the interface sends much, whole where the kernel can. */
async function carries(
  t: ExecutionContext<Context>,
  host: Host,
  name: string,
): Promise<void> {
  const { Engine } = await t.context.cluster.host2.ask<StatusResponse>('status')
  const whole = Engine.Features.some(
    ({ Name, State }) => Name === 'tunnel-gso' && State === 'on',
  )
  const { tx: before } = (await link(host, name)).stats64
  await eventually(t, async (t) => {
    const { tx: now } = (await link(host, name)).stats64
    const bytes = now.bytes - before.bytes
    t.true(bytes > much, `${bytes} bytes by ${name}`)
    // Packets of the wire would be 1500 bytes.
    const mean = bytes / (now.packets - before.packets)
    t.true(!whole || mean > 5000, `${mean} bytes a packet`)
  })
}

interface Link {
  readonly ifindex: number
  readonly stats64: {
    readonly tx: { readonly bytes: number; readonly packets: number }
  }
}

async function link(host: Host, name: string): Promise<Link> {
  const output = await host.run('ip', '-s', '-j', 'link', 'show', 'dev', name)
  const [found] = JSON.parse(output) as [Link]
  return found
}
