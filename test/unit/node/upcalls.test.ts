import anyTest from 'ava'
import type { TestFn } from 'ava'
import * as arp from '../../../src/codec/arp.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import { ask, local, resolve } from '../../support/asking.js'
import { arpRequest, udpFrame } from '../../support/frames.js'
import type { Station } from '../../support/frames.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../support/test-node.js'
import type { TestNode } from '../../support/test-node.js'

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
}

const test = anyTest as TestFn<Context>

/** bbox1 on ov_net1; bbox3 on ov_net2 and then on ov_net1. */
test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  t.context = { cluster, host2 }
  for (const name of ['bbox1', 'bbox3']) host2.system.addNamespace(name)
  for (const name of ['ov_net1', 'ov_net2']) {
    await host2.node.networks.create(networkRequest({ name }))
  }
  await host2.node.endpoints.connect(connectRequest({ target: 'bbox1' }))
  await host2.node.endpoints.connect(
    connectRequest({ target: 'bbox3', network: 'ov_net2' }),
  )
})

test.afterEach.always((t) => t.context.cluster.stop())

test('ARP for a container is answered, into the port that asked', async (t) => {
  const { host2 } = t.context
  await host2.node.endpoints.connect(connectRequest({ target: 'bbox3' }))
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')

  const [answer] = ask(host2, bbox1, arpRequest(bbox1.station, '10.0.0.3'))

  t.is(answer && 'port' in answer ? answer.port : null, bbox1.port)
  const frame = answer && ethernet.parse(answer.frame)
  t.like(frame && arp.parse(frame.payload), {
    operation: 'reply',
    senderIp: '10.0.0.3',
    senderMac: '02:42:0a:00:00:03',
  })
})

test('a container sees the names of its own networks and no others', async (t) => {
  const { host2 } = t.context
  const bbox1 = () => local(host2, 'bbox1', 'ov_net1')
  const bbox3 = () => local(host2, 'bbox3', 'ov_net2')
  t.is(resolve(host2, await bbox1(), 'bbox3'), undefined)
  t.is(resolve(host2, await bbox3(), 'bbox1'), undefined)

  await host2.node.endpoints.connect(connectRequest({ target: 'bbox3' }))

  t.is(resolve(host2, await bbox1(), 'bbox3'), '10.0.0.3')
  t.is(resolve(host2, await bbox3(), 'bbox1'), '10.0.0.2')

  await host2.node.endpoints.disconnect('ov_net1', 'bbox3')

  t.is(resolve(host2, await bbox1(), 'bbox3'), undefined)
  t.is(resolve(host2, await bbox3(), 'bbox1'), undefined)
})

test('the network that is asked in comes first', async (t) => {
  const { host2 } = t.context
  await host2.node.endpoints.connect(connectRequest({ target: 'bbox3' }))

  const inSecond = await local(host2, 'bbox3', 'ov_net2')
  const inFirst = await local(host2, 'bbox3', 'ov_net1')

  t.is(resolve(host2, inSecond, 'bbox3'), '10.0.1.2')
  t.is(resolve(host2, inFirst, 'bbox3'), '10.0.0.3')
})

test('what is not answered is counted by its reason', async (t) => {
  const { host2 } = t.context
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')

  t.deepEqual(ask(host2, bbox1, new Uint8Array(3)), [])
  t.deepEqual(ask(host2, bbox1, arpRequest(bbox1.station, '10.0.0.99')), [])

  const { drops } = host2.node.status().engine.counters
  t.like(drops, {
    slow_path_malformed: 1,
    slow_path_unknown_address: 1,
    unknown_vni: 0,
  })
})

test('a frame of a network that is gone is dropped and counted', async (t) => {
  const { host2 } = t.context
  const frame = arpRequest(
    (await local(host2, 'bbox1', 'ov_net1')).station,
    '10.0.0.1',
  )

  host2.engine.raise({ reason: 'arp', vni: 999, port: 77, peer: null, frame })

  t.deepEqual(host2.engine.injected, [])
  t.is(host2.node.status().engine.counters.drops['slow_path_network_gone'], 1)
})

test('who sent what was too big is told, behind a peer as here', async (t) => {
  const { host2 } = t.context
  const { station, port, vni } = await local(host2, 'bbox1', 'ov_net1')
  const elsewhere = { mac: '02:42:0a:00:00:07', ip: '10.0.0.7' }
  const reason = 'too-big' as const
  const raise = (
    from: Station,
    to: Station,
    way: { port: number | null; peer: number | null },
  ) => {
    const before = host2.engine.injected.length
    const frame = udpFrame(from, to, 9, new Uint8Array(1400)).subarray(0, 100)
    host2.engine.raise({ reason, vni, ...way, frame, mtu: 1350 })
    return host2.engine.injected.slice(before)
  }

  const [here] = raise(station, elsewhere, { port, peer: null })
  t.like(here, { port })
  const [there] = raise(elsewhere, station, { port: null, peer: 3 })
  t.like(there, { vni, peer: 3 })
  t.is(there && ethernet.parse(there.frame)?.destination, elsewhere.mac)
})
