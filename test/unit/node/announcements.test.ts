import anyTest from 'ava'
import type { TestFn } from 'ava'
import * as arp from '../../../src/codec/arp.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import type { EndpointView } from '../../../src/node/use-cases.js'
import type { Endpoint } from '../../../src/store/records.js'
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
  /** bbox1 on host2, and bbox2 on host3. */
  readonly bbox1: EndpointView
  readonly bbox2: EndpointView
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  const host3 = await cluster.start(3)
  host2.system.addNamespace('bbox1')
  host3.system.addNamespace('bbox2')
  await host2.node.networks.create(networkRequest({}))
  const bbox1 = await host2.node.endpoints.connect(connectRequest({}))
  const bbox2 = await host3.node.endpoints.connect(
    connectRequest({ target: 'bbox2' }),
  )
  await until(async () => (await host2.node.endpoints.list()).length === 2)
  t.context = { cluster, host2, bbox1, bbox2 }
})

test.afterEach.always((t) => t.context.cluster.stop())

/** A record that somebody wrote, as the feed brings it. */
async function write(
  { cluster, host2 }: Context,
  value: Endpoint,
): Promise<string> {
  const key = `endpoint/${value.network}/${value.id}`
  cluster.backend.commit({ puts: [{ key, value }] })
  await until(async () =>
    (await host2.node.endpoints.list()).some(
      ({ endpoint }) => endpoint.id === value.id && endpoint.mac === value.mac,
    ),
  )
  return key
}

/** `<ip> is <MAC> @<port>` of each ARP frame given to a container. */
function announced({ engine }: TestNode): string[] {
  return engine.injected.flatMap((injection) => {
    const frame = ethernet.parse(injection.frame)
    const packet = frame && arp.parse(frame.payload)
    if (packet === undefined || !('port' in injection)) return []
    const { netns = '' } = engine.ports.get(injection.port) ?? {}
    return [`${packet.senderIp} is ${packet.senderMac} @${netns}`]
  })
}

test('what comes or goes is not announced', (t) => {
  t.deepEqual(t.context.host2.engine.injected, [])
})

test('an address behind another MAC is announced to the containers here', async (t) => {
  const { host2, bbox2 } = t.context
  const mac = '02:00:00:00:00:77'
  await write(t.context, { ...bbox2.endpoint, mac })
  await until(() => host2.engine.injected.length > 0)
  t.deepEqual(announced(host2), [`10.0.0.3 is ${mac} @/run/netns/bbox1`])
})

test('of two endpoints with one address the newer is announced, then the other again', async (t) => {
  const { cluster, host2, bbox2 } = t.context
  const second = { id: 'e'.repeat(64), name: 'bbox9', mac: '02:00:00:00:00:99' }
  const key = await write(t.context, { ...bbox2.endpoint, ...second })
  await until(() => announced(host2).length === 1)
  cluster.backend.commit({ deletes: [key] })
  await until(() => announced(host2).length === 2)

  t.deepEqual(announced(host2), [
    `10.0.0.3 is ${second.mac} @/run/netns/bbox1`,
    `10.0.0.3 is ${bbox2.endpoint.mac} @/run/netns/bbox1`,
  ])
  t.deepEqual(
    host2.node.events
      .latest(10)
      .filter(({ kind }) => kind === 'address-moved')
      .map(({ message }) => message),
    [
      '10.0.0.3 of ov_net1 moved from bbox2 on host3 to bbox9 on host3',
      '10.0.0.3 of ov_net1 moved from bbox9 on host3 to bbox2 on host3',
    ],
  )
})

test('when the one goes with the commit that brings the other, that is a move', async (t) => {
  const { cluster, host2, bbox2 } = t.context
  const { network, id } = bbox2.endpoint
  const value = { ...bbox2.endpoint, id: 'e'.repeat(64), host: 'host4' }
  cluster.backend.commit({
    puts: [{ key: `endpoint/${network}/${value.id}`, value }],
    deletes: [`endpoint/${network}/${id}`],
  })
  await until(() => announced(host2).length === 1)
  t.deepEqual(announced(host2), [`10.0.0.3 is ${value.mac} @/run/netns/bbox1`])
})

test('the container that has the address now is not told', async (t) => {
  const { host2, bbox1, bbox2 } = t.context
  const third = { id: 'e'.repeat(64), mac: '02:00:00:00:00:99' }
  const { addresses } = bbox1.endpoint
  await write(t.context, { ...bbox2.endpoint, ...third, addresses })
  // bbox1 has lost its address to it and hears so; then it is bbox1's again.
  await until(() => announced(host2).length === 1)
  t.context.cluster.backend.commit({
    deletes: [`endpoint/${bbox2.network.id}/${third.id}`],
  })
  await until(() =>
    host2.node.events
      .latest(1)
      .some(({ message }) => message.includes('left ov_net1')),
  )
  t.is(announced(host2).length, 1)
})
