import anyTest from 'ava'
import type { TestFn } from 'ava'
import { local, resolve } from '../../../support/asking.js'
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

/** bbox1 on host2, bbox2 on host3, both also called web. */
test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  const host3 = await cluster.start(3)
  host2.system.addNamespace('bbox1')
  host3.system.addNamespace('bbox2')
  host3.system.hostnames.set('bbox2', 'inner')
  await host2.node.networks.create(networkRequest({}))
  const aliases = ['web']
  await host2.node.endpoints.connect(connectRequest({ aliases }))
  await host3.node.endpoints.connect(
    connectRequest({ target: 'bbox2', aliases }),
  )
  await until(async () => (await host2.node.endpoints.list()).length === 2)
  t.context = { cluster, host2, host3 }
})

test.afterEach.always((t) => t.context.cluster.stop())

test('a container is found by its host name and its short id', async (t) => {
  const { host2 } = t.context
  const { endpoints } = await host2.node.networks.inspect('ov_net1')
  const id = endpoints.find(({ name }) => name === 'bbox2')?.id ?? ''
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')

  t.is(resolve(host2, bbox1, 'inner'), '10.0.0.3')
  t.is(resolve(host2, bbox1, id.slice(0, 12)), '10.0.0.3')
  t.is(resolve(host2, bbox1, `${id.slice(0, 12)}.ov_net1`), '10.0.0.3')

  const names = await host2.node.dns.list()
  t.like(
    names.find(({ kind }) => kind === 'host-name'),
    { name: 'inner', host: 'host3', addresses: ['10.0.0.3'] },
  )
})

test('containers of a late host are left out while others answer', async (t) => {
  const { cluster, host2, host3 } = t.context
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')
  const found = () =>
    new Set(Array.from({ length: 30 }, () => resolve(host2, bbox1, 'web')))
  t.deepEqual([...found()].sort(), ['10.0.0.2', '10.0.0.3'])

  host3.store.setReachable(false)
  await pass(cluster, 24_000)
  t.deepEqual([...found()], ['10.0.0.2'])
  t.is(resolve(host2, bbox1, 'bbox2'), '10.0.0.3', 'better than nothing')

  host3.store.setReachable(true)
  await until(async () => {
    await pass(cluster, 1000)
    return found().size === 2
  })
  t.pass()
})

/** In steps of a second, with turns for what waits. */
async function pass({ clock }: TestCluster, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    clock.advance(1000)
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
