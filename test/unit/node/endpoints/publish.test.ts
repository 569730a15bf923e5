import anyTest from 'ava'
import type { TestFn } from 'ava'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'

const withGateway = { gateway: { subnet: 'auto', subnet6: 'auto' } } as const

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2, withGateway)
  t.context = { cluster, host2 }
  for (const name of ['bbox1', 'bbox2']) host2.system.addNamespace(name)
  await host2.node.networks.create(networkRequest({}))
})

test.afterEach.always((t) => t.context.cluster.stop())

function connect(
  { node }: TestNode,
  target: string,
  ...publish: readonly string[]
) {
  return node.endpoints.connect(connectRequest({ target, publish }))
}

test('what was left open is chosen and recorded', async (t) => {
  const { host2 } = t.context
  const { endpoint } = await connect(host2, 'bbox1', '80', '53:53/udp')
  t.deepEqual(endpoint.publish, ['32768:80/tcp', '53:53/udp'])
})

test('another container cannot have the same port, and nothing is changed', async (t) => {
  const { host2 } = t.context
  await connect(host2, 'bbox1', '80:80')
  await t.throwsAsync(connect(host2, 'bbox2', '81:80', '80:80'), {
    code: 'PUBLISH_CONFLICT',
    message:
      'port 80/tcp of this host is published already, by bbox1 on ov_net1',
  })
  t.deepEqual(host2.system.linksOf('bbox2'), [])
  const [, ...others] = await host2.node.endpoints.list()
  t.deepEqual(others, [])
  await t.notThrowsAsync(connect(host2, 'bbox2', '81:80'))
})

test('disconnecting frees it', async (t) => {
  const { host2 } = t.context
  await connect(host2, 'bbox1', '80:80')
  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')
  t.deepEqual(host2.system.ports.held, [])
  await t.notThrowsAsync(connect(host2, 'bbox2', '80:80'))
})

test('so does a connect that fails', async (t) => {
  const { host2 } = t.context
  host2.system.refusal = new Error('no')
  await t.throwsAsync(connect(host2, 'bbox1', '80:80'))
  t.deepEqual(host2.system.ports.held, [])
})

test('without a gateway nothing is published', async (t) => {
  const host3 = await t.context.cluster.start(3)
  host3.system.addNamespace('bbox1')
  await t.throwsAsync(connect(host3, 'bbox1', '80:80'), {
    code: 'GATEWAY_UNAVAILABLE',
    message: 'bbox1 cannot reach the outside: the gateway is off',
  })
})

test('an address of a family that the gateway does not have', async (t) => {
  const host3 = await t.context.cluster.start(3, {
    gateway: { subnet: 'auto', subnet6: 'off' },
  })
  host3.system.addNamespace('bbox1')
  await t.throwsAsync(connect(host3, 'bbox1', '[::]:80:80'), {
    code: 'PUBLISH_FAMILY',
  })
})

test('an internal network publishes nothing', async (t) => {
  const { host2 } = t.context
  await host2.node.networks.create(
    networkRequest({ name: 'inner', internal: true }),
  )
  const request = connectRequest({ network: 'inner', publish: ['80:80'] })
  await t.throwsAsync(host2.node.endpoints.connect(request), {
    code: 'PUBLISH_INTERNAL',
    message: /on inner: the network is internal/,
  })
})

test('the next daemon holds the same ports', async (t) => {
  const { cluster } = t.context
  const before = await cluster.start(3, { ...withGateway, keep: true })
  before.system.addNamespace('bbox1')
  await connect(before, 'bbox1', '80')
  const again = await cluster.create(3, withGateway, before.system)
  await before.node.stop()
  // The sockets of a process end with it.
  before.system.ports.held.length = 0
  await again.node.start()
  t.deepEqual(again.system.ports.held, ['tcp 0.0.0.0 32768', 'tcp :: 32768'])
  await again.node.stop()
})
