import anyTest from 'ava'
import type { TestFn } from 'ava'
import {
  heldAddresses,
  memberships,
  releasedAddresses,
} from '../../../support/records.js'
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

/** bbox1 on host2 has 10.0.0.2, bbox2 on host3 has 10.0.0.3. */
test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  const host3 = await cluster.start(3)
  host2.system.addNamespace('bbox1')
  host3.system.addNamespace('bbox2')
  await host2.node.networks.create(networkRequest({}))
  await host2.node.endpoints.connect(connectRequest({}))
  await host3.node.endpoints.connect(connectRequest({ target: 'bbox2' }))
  await until(async () => (await host2.node.endpoints.list()).length === 2)
  t.context = { cluster, host2, host3 }
})

test.afterEach.always((t) => t.context.cluster.stop())

test('a silent host is suspect, dead, and then all of it is freed', async (t) => {
  const { cluster, host2, host3 } = t.context
  host3.store.setReachable(false)

  await pass(cluster, 24_000)
  t.deepEqual(newsOf(host2), ['host-suspect host3'])
  t.is((await host2.node.endpoints.list()).length, 2)
  t.is(host2.engine.table(256)?.['02:42:0a:00:00:03'], 'peer 192.168.56.3:4789')

  await pass(cluster, 50_000)
  t.deepEqual(newsOf(host2), ['host-suspect host3', 'host-down host3'])
  t.deepEqual(await names(host2), ['bbox1'])
  t.is(host2.engine.table(256)?.['02:42:0a:00:00:03'], undefined)
  t.is(heldAddresses(cluster.backend).length, 2, 'its address is held')

  await pass(cluster, 610_000)
  t.deepEqual(newsOf(host2).slice(2), ['host-freed host3'])
  t.deepEqual(memberships(cluster.backend), ['host2 ov_net1'])
  t.is(heldAddresses(cluster.backend).length, 1)
  t.deepEqual(
    (await host2.node.hosts.list()).map(({ name }) => name),
    ['host2'],
  )
  await pass(cluster, 70_000)
  t.deepEqual(releasedAddresses(cluster.backend), [])
})

test('a host that comes back while it is held has all it had', async (t) => {
  const { cluster, host2, host3 } = t.context
  const before = host3.engine.table(256)
  host3.store.setReachable(false)
  await pass(cluster, 100_000)
  t.deepEqual(await names(host2), ['bbox1'])
  t.deepEqual(host3.engine.table(256), before, 'it forwards on')

  host3.store.setReachable(true)
  await until(async () => {
    await pass(cluster, 1000)
    return (await names(host2)).length === 2
  })

  t.deepEqual(await names(host2), ['bbox1', 'bbox2'])
  t.is(heldAddresses(cluster.backend).length, 2)
  await pass(cluster, 10_000)
  t.true(newsOf(host2).includes('host-up host3'))
  t.deepEqual(host3.engine.table(256), before)
})

test('a host that comes back after it was freed takes back what is free', async (t) => {
  const { cluster, host2, host3 } = t.context
  host3.store.setReachable(false)
  await pass(cluster, 800_000)
  t.is(heldAddresses(cluster.backend).length, 1)

  host3.store.setReachable(true)
  await until(async () => {
    await pass(cluster, 1000)
    return (await names(host2)).length === 2
  })

  t.is(heldAddresses(cluster.backend).length, 2)
})

test('a host that comes back after its address was given to another is without it', async (t) => {
  const { cluster, host2, host3 } = t.context
  host3.store.setReachable(false)
  await pass(cluster, 800_000)
  host2.system.addNamespace('heir')
  await host2.node.endpoints.connect(
    connectRequest({ target: 'heir', ip: '10.0.0.3' }),
  )

  host3.store.setReachable(true)
  await pass(cluster, 20_000)

  t.deepEqual(await names(host2), ['bbox1', 'heir'])
  t.true(
    host3.node.events
      .latest(100)
      .some(
        ({ kind, endpoint }) =>
          [kind, endpoint].join(' ') === 'endpoint-isolated bbox2',
      ),
  )
  t.is(heldAddresses(cluster.backend).length, 2)
})

test('a store that was away for an hour costs nobody anything', async (t) => {
  const { cluster, host2, host3 } = t.context
  host2.store.setReachable(false)
  host3.store.setReachable(false)
  await pass(cluster, 3_600_000, 60_000)

  host2.store.setReachable(true)
  await pass(cluster, 20_000)
  host3.store.setReachable(true)
  await pass(cluster, 20_000)

  t.deepEqual(await names(host2), ['bbox1', 'bbox2'])
  t.false(newsOf(host2).includes('host-down host3'))
  t.false(
    [host2, host3].some(({ node }) =>
      node.events.latest(100).some(({ kind }) => kind === 'record-restored'),
    ),
  )
})

for (const hours of [-24, 24]) {
  test(`clocks of hosts that jump by ${hours} h change nothing`, async (t) => {
    const { cluster, host2 } = t.context
    await pass(cluster, 5000)
    const before = cluster.backend.snapshot().revision

    cluster.clock.jump(hours * 3_600_000)
    await pass(cluster, 100_000)

    t.is(cluster.backend.snapshot().revision, before)
    t.deepEqual(newsOf(host2), [])
    t.true(cluster.backend.leases().every((lease) => lease.remainingMs > 0))
  })

  test(`a clock of the store that jumps by ${hours} h kills nobody`, async (t) => {
    const { cluster, host2 } = t.context
    await pass(cluster, 5000)

    cluster.storeAheadMs = hours * 3_600_000
    await pass(cluster, 100_000)

    t.deepEqual(await names(host2), ['bbox1', 'bbox2'])
    t.false(newsOf(host2).includes('host-down host3'))
    t.deepEqual(host2.logger.messages('error'), [])
    host2.system.addNamespace('bbox4')
    await host2.node.endpoints.connect(connectRequest({ target: 'bbox4' }))
  })
}

test('with --keep a stopped daemon leaves everything for the next', async (t) => {
  const { cluster, host2 } = t.context
  const kept = await cluster.create(4, { keep: true })
  await kept.node.start()
  kept.system.addNamespace('bbox4')
  await kept.node.endpoints.connect(connectRequest({ target: 'bbox4' }))

  await kept.node.stop()

  t.deepEqual(kept.system.linksOf('bbox4'), ['eth0'])
  t.true(kept.system.resolvConfs.has('bbox4'))
  t.is(kept.engine.ports.size, 0)
  t.deepEqual(kept.logger.messages('error'), [])
  t.deepEqual(await names(host2), ['bbox1', 'bbox2', 'bbox4'])
  t.is(cluster.backend.leases().length, 3)

  const after = await cluster.create(4, {}, kept.system)
  await after.node.start()
  t.is(after.node.status().endpoints, 1)
  t.deepEqual(
    after.node.events.latest(10).map(({ kind }) => kind),
    ['endpoint-adopted'],
  )
  await after.node.stop()
  await until(async () => (await names(host2)).length === 2)
  t.deepEqual(kept.system.linksOf('bbox4'), [])
})

async function names({ node }: TestNode): Promise<string[]> {
  return (await node.endpoints.list())
    .map(({ endpoint }) => endpoint.name)
    .sort()
}

/** What a daemon said of hosts after both came. */
function newsOf({ node }: TestNode): string[] {
  return node.events
    .latest(1000)
    .filter(({ kind }) => kind.startsWith('host-'))
    .map(({ kind, host }) => `${kind} ${host ?? ''}`)
    .slice(2)
}

/** In steps, so that what a timer starts can finish before the next one. */
async function pass(
  { clock }: TestCluster,
  ms: number,
  step = 1000,
): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(Math.min(step, ms))
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
