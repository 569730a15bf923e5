import anyTest from 'ava'
import type { TestFn } from 'ava'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { until } from '../../../support/until.js'

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
  readonly host3: TestNode
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  const host3 = await cluster.start(3)
  host2.system.addNamespace('bbox1')
  host3.system.addNamespace('bbox2')
  t.context = { cluster, host2, host3 }
})

test.afterEach.always((t) => t.context.cluster.stop())

test('both hosts know both containers and the gateway', async (t) => {
  const { host2, host3 } = t.context
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  await host3.node.endpoints.connect(connectRequest({ target: 'bbox2' }))

  await until(() => host2.engine.vteps(256).length === 1)

  t.deepEqual(host2.engine.table(256), {
    '02:42:0a:00:00:01': 'upcall',
    '02:42:0a:00:00:02': 'port /run/netns/bbox1',
    '02:42:0a:00:00:03': 'peer 192.168.56.3:4789',
  })
  t.deepEqual(host3.engine.table(256), {
    '02:42:0a:00:00:01': 'upcall',
    '02:42:0a:00:00:02': 'peer 192.168.56.2:4789',
    '02:42:0a:00:00:03': 'port /run/netns/bbox2',
  })
  t.deepEqual(host3.engine.vteps(256), ['192.168.56.2:4789'])
})

test('when connect resolves, the container forwards already', async (t) => {
  const { host2, host3 } = t.context
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))

  await host3.node.endpoints.connect(connectRequest({ target: 'bbox2' }))

  t.deepEqual(host3.engine.table(256), {
    '02:42:0a:00:00:01': 'upcall',
    '02:42:0a:00:00:02': 'peer 192.168.56.2:4789',
    '02:42:0a:00:00:03': 'port /run/netns/bbox2',
  })
})

test('a host without a container on a network knows nothing of it', async (t) => {
  const { host2, host3 } = t.context
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  await until(async () => (await host3.node.endpoints.list()).length === 1)

  t.is(host3.engine.table(256), undefined)
  t.is(host3.engine.peers.size, 0)
})

test('peers go with the last network that needs them', async (t) => {
  const { host2, host3 } = t.context
  for (const name of ['ov_net1', 'ov_net2']) {
    await host2.node.networks.create(networkRequest({ name }))
    await host2.node.endpoints.connect(connectRequest({ network: name }))
    await host3.node.endpoints.connect(
      connectRequest({ network: name, target: 'bbox2' }),
    )
  }

  await host3.node.endpoints.disconnect('ov_net1', 'bbox2')
  await until(() => host2.engine.vteps(256).length === 0)
  t.deepEqual([...host2.engine.peers.values()], ['192.168.56.3:4789'])

  await host3.node.endpoints.disconnect('ov_net2', 'bbox2')
  await until(() => host2.engine.peers.size === 0)
  t.deepEqual(host2.logger.messages('error'), [])
})

test('of two endpoints with one MAC the newest is forwarded, then the other', async (t) => {
  const { cluster, host2, host3 } = t.context
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  const { endpoint, network } = await host3.node.endpoints.connect(
    connectRequest({ target: 'bbox2' }),
  )
  const moved = { ...endpoint, id: 'e'.repeat(64), host: 'host2' }
  const key = `endpoint/${network.id}/${moved.id}`
  await cluster.start(4)
  cluster.backend.commit({
    puts: [{ key, value: { ...moved, host: 'host4' } }],
  })
  const way = () => host2.engine.table(256)?.[endpoint.mac]
  await until(() => way() === 'peer 192.168.56.4:4789')

  cluster.backend.commit({ deletes: [key] })

  await until(() => way() === 'peer 192.168.56.3:4789')
  t.pass()
})

test('what has not changed is not told again', async (t) => {
  const { host2, host3 } = t.context
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  const before = host2.engine.forwardCalls

  await host3.node.networks.create(networkRequest({ name: 'other' }))
  await host3.node.endpoints.connect(
    connectRequest({ network: 'other', target: 'bbox2' }),
  )
  await until(async () => (await host2.node.endpoints.list()).length === 2)

  t.is(host2.engine.forwardCalls, before)
})

test('static peers are flooded to, and their sources learned and aged', async (t) => {
  const { cluster, host2 } = t.context
  const options = { 'overtap.peers': '192.168.56.9, 192.168.56.10:8472' }
  await host2.node.networks.create(networkRequest({ options }))
  await host2.node.endpoints.connect(connectRequest({}))
  const { engine, node } = host2
  t.is(engine.networks.get(256)?.unknownUnicast, 'flood')
  t.deepEqual(engine.vteps(256), ['192.168.56.10:8472', '192.168.56.9:4789'])

  const source = 'aa:00:00:00:00:01'
  const peer = [...engine.peers].find(([, text]) => text.includes('56.9'))?.[0]
  engine.raise(newSource(source, peer ?? 0))

  t.is(engine.table(256)?.[source], 'peer 192.168.56.9:4789')
  const learned = node
    .forwarding('ov_net1')
    .filter(({ kind }) => kind === 'learned')
  t.like(learned, [{ mac: source, to: 'peer 192.168.56.9:4789' }])

  cluster.clock.advance(331_000)
  t.is(engine.table(256)?.[source], undefined)
})

test('a peer is not believed about a MAC that a record has', async (t) => {
  const { host2 } = t.context
  const options = { 'overtap.peers': '192.168.56.9' }
  await host2.node.networks.create(networkRequest({ options }))
  const { endpoint } = await host2.node.endpoints.connect(connectRequest({}))

  const [peer = 0] = host2.engine.peers.keys()
  host2.engine.raise(newSource(endpoint.mac, peer))

  t.is(host2.engine.table(256)?.[endpoint.mac], 'port /run/netns/bbox1')
})

test('the table can be shown, one row per MAC and VTEP', async (t) => {
  const { host2, host3 } = t.context
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  await host3.node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await until(() => host2.node.forwarding().length === 4)

  t.deepEqual(
    host2.node
      .forwarding('ov_net1')
      .map(({ mac, to, kind, endpoint, addresses }) =>
        [mac, to, kind, endpoint, ...addresses].join(' '),
      ),
    [
      '02:42:0a:00:00:01 gateway gateway  10.0.0.1',
      '02:42:0a:00:00:02 port eth0 local bbox1 10.0.0.2',
      '02:42:0a:00:00:03 peer 192.168.56.3:4789 remote bbox2 10.0.0.3',
      '00:00:00:00:00:00 peer 192.168.56.3:4789 flood ',
    ],
  )
  t.throws(() => host2.node.forwarding('nope'), { code: 'NETWORK_NOT_FOUND' })
})

test('port security can be turned off for a network', async (t) => {
  const { host2 } = t.context
  const options = { 'overtap.port-security': 'off' }
  await host2.node.networks.create(networkRequest({ options }))
  await host2.node.endpoints.connect(connectRequest({}))

  t.false(host2.engine.networks.get(256)?.portSecurity)
})

function newSource(mac: string, peer: number) {
  const source = mac.split(':').map((pair) => parseInt(pair, 16))
  const frame = new Uint8Array(60)
  frame.set([0x02, 0x42, 0x0a, 0, 0, 2, ...source, 0x08, 0x00])
  return { reason: 'new-source', vni: 256, port: null, peer, frame } as const
}
