import anyTest from 'ava'
import type { TestFn } from 'ava'
import type { Config } from '../../../../src/base/config.js'
import {
  answerIn,
  ask,
  local,
  question,
  resolve,
} from '../../../support/asking.js'
import type { Local } from '../../../support/asking.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { until } from '../../../support/until.js'

const test = anyTest as TestFn<TestCluster>

test.beforeEach((t) => {
  t.context = new TestCluster()
})
test.afterEach.always((t) => t.context.stop())

/** host2 with bbox1 on ov_net1, and bbox2 on the internal ov_in. */
async function start(
  cluster: TestCluster,
  config: Partial<Config> = {},
): Promise<{ host2: TestNode; bbox1: Local; bbox2: Local }> {
  const host2 = await cluster.start(2, config)
  const { node, system } = host2
  system.setNameServers('192.168.56.1')
  for (const name of ['bbox1', 'bbox2']) system.addNamespace(name)
  await node.networks.create(networkRequest({}))
  await node.networks.create(networkRequest({ name: 'ov_in', internal: true }))
  await node.endpoints.connect(connectRequest({}))
  await node.endpoints.connect(
    connectRequest({ target: 'bbox2', network: 'ov_in' }),
  )
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')
  const bbox2 = await local(host2, 'bbox2', 'ov_in')
  return { host2, bbox1, bbox2 }
}

const address = (data: string) => ({
  answers: [{ type: 'A', name: 'example.com', ttl: 60, data } as const],
})

test('a name that is not ours is answered later, into the port that asked', async (t) => {
  const { host2, bbox1 } = await start(t.context)
  const { engine, system, node } = host2
  const frame = question(bbox1, 'example.com')
  t.deepEqual(ask(host2, bbox1, frame), [])
  // The engine's memory is another frame's by then.
  frame.fill(0)
  t.is(system.dns.latest.address, '192.168.56.1')
  t.is(node.status().names.waiting, 1)

  system.dns.latest.answer(address('203.0.113.1'))
  await until(() => engine.injected.length === 1)
  const [late] = engine.injected
  t.is(late && 'port' in late ? late.port : null, bbox1.port)
  t.like(late && answerIn(late), { id: 7, rcode: 'NOERROR' })

  t.is(resolve(host2, bbox1, 'example.com'), '203.0.113.1')
  t.like(node.status().names.results, { forwarded: 1, cached: 1, failed: 0 })
})

test('no answer goes to a container that has left meanwhile', async (t) => {
  const { host2, bbox1 } = await start(t.context)
  const { engine, system, node } = host2
  ask(host2, bbox1, question(bbox1, 'example.com'))
  await node.endpoints.disconnect('ov_net1', 'bbox1')
  const before = engine.injected.length
  system.dns.latest.answer(address('203.0.113.1'))
  await until(() => node.status().names.waiting === 0)
  t.is(engine.injected.length, before)
})

test('what is under way is answered before the engine stops', async (t) => {
  const { host2, bbox1 } = await start(t.context, { keep: true })
  ask(host2, bbox1, question(bbox1, 'example.com'))
  await host2.node.stop()
  const [late] = host2.engine.injected
  t.is(late && answerIn(late).rcode, 'SERVFAIL')
})

test('on internal networks only, names outside do not exist', async (t) => {
  const { host2, bbox2 } = await start(t.context)
  const { node, system } = host2
  const rcode = (asker: Local, name: string) => {
    const [answer] = ask(host2, asker, question(asker, name))
    return answer && answerIn(answer).rcode
  }
  t.is(rcode(bbox2, 'example.com'), 'NXDOMAIN')
  t.is(rcode(bbox2, 'single'), 'NXDOMAIN')
  t.deepEqual(system.dns.asked, [])

  await node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  t.is(rcode(bbox2, 'example.com'), undefined)
  t.is(system.dns.asked.length, 1)
  await node.endpoints.disconnect('ov_net1', 'bbox2')
  t.is(rcode(bbox2, 'example.com'), 'NXDOMAIN')
})

test('the host’s other servers are asked as soon as they are', async (t) => {
  const { host2, bbox1 } = await start(t.context)
  const { node, system } = host2
  ask(host2, bbox1, question(bbox1, 'example.com'))
  system.dns.latest.answer(address('203.0.113.1'))
  await until(() => node.status().names.cachedAnswers === 1)

  system.setNameServers('192.168.56.7', '192.168.56.8')
  t.is(resolve(host2, bbox1, 'example.com'), undefined)
  t.is(system.dns.latest.address, '192.168.56.7')
  t.deepEqual(
    node.status().names.upstreams.map(({ server }) => server.address),
    ['192.168.56.7', '192.168.56.8'],
  )
})

test('without servers the answer is SERVFAIL, and status says why', async (t) => {
  const { host2, bbox1 } = await start(t.context)
  host2.system.setNameServers()
  const [answer] = ask(host2, bbox1, question(bbox1, 'example.com'))
  t.is(answer && answerIn(answer).rcode, 'SERVFAIL')
  const { names } = host2.node.status()
  t.is(names.problem, 'there is no name server in /etc/resolv.conf')
  t.is(names.results.failed, 1)
})

test('a server that is a gateway of ours is not asked', async (t) => {
  const { host2, bbox1 } = await start(t.context)
  const { node, system, logger } = host2
  system.setNameServers(bbox1.gateway.ip, '192.168.56.9')
  ask(host2, bbox1, question(bbox1, 'example.com'))
  t.is(system.dns.latest.address, '192.168.56.9')
  t.regex(
    logger.messages('warn').join(),
    /is the gateway of an overtap network/,
  )

  // One that becomes it later, too.
  system.setNameServers('10.77.0.1')
  t.is(node.status().names.problem, '')
  await node.networks.create(
    networkRequest({ name: 'late', subnets: ['10.77.0.0/24'] }),
  )
  t.is(
    node.status().names.problem,
    'the name servers (10.77.0.1:53) are gateways of overtap networks',
  )
  await node.networks.remove('late')
  t.is(node.status().names.problem, '')
})

test('configured servers stand above the host’s, with their ports', async (t) => {
  const { host2, bbox1 } = await start(t.context, {
    dns: ['192.0.2.7:5353', '2001:db8::7'],
  })
  ask(host2, bbox1, question(bbox1, 'example.com'))
  t.deepEqual(host2.system.dns.latest.exchange.server, {
    address: '192.0.2.7',
    port: 5353,
  })
})

test('what is not about the Internet is refused', async (t) => {
  const { host2, bbox1 } = await start(t.context)
  const frame = question(bbox1, 'version.bind')
  // The class at the end becomes CHAOS; without a checksum nobody minds.
  frame.set([0, 3], frame.length - 2)
  frame.set([0, 0], 40)
  const [answer] = ask(host2, bbox1, frame)
  t.is(answer && answerIn(answer).rcode, 'REFUSED')
  t.like(host2.node.status().names.results, { refused: 1 })
})
