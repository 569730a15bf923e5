import anyTest from 'ava'
import type { TestFn } from 'ava'
import type { Entry, Json } from '../../../../src/store/store.js'
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
  /** What the store has when all is well. */
  readonly before: Record<string, Json>
  readonly network: string
}

const test = anyTest as TestFn<Context>

/** host2 with bbox1 at 10.0.0.2 on ov_net1. */
test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  host2.system.addNamespace('bbox1')
  await host2.node.networks.create(networkRequest({}))
  const { network } = await host2.node.endpoints.connect(connectRequest({}))
  const before = values(cluster)
  t.context = { cluster, host2, before, network: network.id }
})

test.afterEach.always((t) => t.context.cluster.stop())

for (const kind of ['endpoint', 'address', 'network', 'network-name', 'host']) {
  test(`a deleted record is written again: ${kind}`, async (t) => {
    const { cluster, before } = t.context
    const key = keyOf(cluster, kind)
    cluster.backend.commit({ deletes: [key] })

    await restored(t.context)

    t.deepEqual(values(cluster), before)
  })
}

test('an endpoint that somebody overwrote is what it was again', async (t) => {
  const { cluster, host2, before } = t.context
  const key = keyOf(cluster, 'endpoint')
  const value = { ...(before[key] as object), name: 'intruder' }
  cluster.backend.commit({ puts: [{ key, value }] })

  await restored(t.context)

  t.deepEqual(values(cluster), before)
  t.deepEqual(
    kinds(host2).filter((kind) => kind === 'record-restored').length,
    1,
  )
  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')
  t.is(keyOf(cluster, 'endpoint'), '')
})

test('what was disconnected is not written again', async (t) => {
  const { cluster, host2 } = t.context
  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')
  await host2.node.networks.remove('ov_net1')

  await pass(cluster, 20_000)

  t.deepEqual(
    Object.keys(values(cluster)).filter((key) => /^(end|net)/.test(key)),
    [],
  )
  t.false(kinds(host2).includes('record-restored'))
  t.is(cluster.journal(host2.system).entries.size, 1)
})

test('two who want different things do not fight for ever', async (t) => {
  const { cluster, host2 } = t.context
  const key = keyOf(cluster, 'endpoint')
  let deleted = 0
  const forget = cluster.backend.onWrite(() => {
    if (!keyOf(cluster, 'endpoint')) return
    deleted += 1
    queueMicrotask(() => cluster.backend.commit({ deletes: [key] }))
  })
  t.teardown(forget)
  cluster.backend.commit({ deletes: [key] })

  await until(async () => {
    await pass(cluster, 5000)
    return host2.logger.messages('error').length > 0
  })
  const fought = deleted
  await pass(cluster, 40_000)

  t.is(deleted, fought)
  t.true(fought <= 20, `${fought} rounds`)
})

test('after the store was emptied everything owned is there again', async (t) => {
  const { cluster, host2, before } = t.context
  await host2.node.networks.create(networkRequest({ name: 'unused' }))
  const whole = values(cluster)
  cluster.backend.clear()

  await restored(t.context, whole)

  const records = values(cluster)
  for (const key of Object.keys(before)) {
    t.deepEqual(records[key], whole[key], key)
  }
  t.deepEqual(
    host2.engine.table(256)?.['02:42:0a:00:00:02'],
    'port /run/netns/bbox1',
  )
})

test('names given by hand are written again when the store lost them', async (t) => {
  const { cluster, host2, network } = t.context
  const { dns } = host2.node
  await dns.add('ov_net1', 'db', ['192.0.2.7'])
  await dns.add('ov_net1', 'gone', ['192.0.2.8'])
  await dns.remove('ov_net1', 'gone', [])
  const key = `dns/${network}/db`
  const { [key]: record = null } = values(cluster)
  cluster.backend.clear()

  await restored(t.context, { [key]: record })

  t.false(Object.hasOwn(values(cluster), `dns/${network}/gone`))
  await dns.remove('ov_net1', 'db', [])
  await pass(cluster, 20_000)
  t.is(keyOf(cluster, 'dns'), '', 'what is taken away stays so')
})

test('a store emptied while the daemon was down is filled from the journal', async (t) => {
  const { cluster, host2, before } = t.context
  await host2.store.close()
  cluster.backend.clear()

  const after = await cluster.create(2, {}, host2.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(withoutHost(values(cluster)), withoutHost(before))
  t.is(after.node.status().endpoints, 1)
  t.deepEqual(after.engine.table(256), {
    '02:42:0a:00:00:01': 'upcall',
    '02:42:0a:00:00:02': 'port /run/netns/bbox1',
  })
})

test('a network removed elsewhere while the daemon was down stays removed', async (t) => {
  const { cluster, host2 } = t.context
  await host2.node.networks.create(networkRequest({ name: 'other' }))
  await host2.store.close()
  const host3 = await cluster.start(3)
  await host3.node.networks.remove('other')

  const after = await cluster.create(2, {}, host2.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(
    after.node.networks.list().map(({ name }) => name),
    ['ov_net1'],
  )
})

test('only while the store settles is a network restored that nobody uses', async (t) => {
  const { cluster, host2 } = t.context
  const { backend } = cluster
  await host2.node.networks.create(networkRequest({ name: 'other' }))
  await host2.store.close()
  const { epoch } = backend.snapshot()
  backend.clear()
  // Others have noticed, and it is long over: what is missing was removed.
  backend.declareLoss([{ epoch, revision: 1 }], 0)

  const after = await cluster.create(2, {}, host2.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(
    after.node.networks.list().map(({ name }) => name),
    ['ov_net1'],
  )
})

/** Somebody else has the address of bbox1 by now. */
function giveToRival({ cluster, network, before }: Context) {
  const own = before[keyOf(cluster, 'endpoint')] as { createdAt: string }
  const id = 'e'.repeat(64)
  const rival = {
    ...{ ...own, id, host: 'host3', name: 'older' },
    createdAt: '2020-01-01T00:00:00.000Z',
  }
  const claim = { host: 'host3', endpoint: id }
  const records = {
    [`endpoint/${network}/${id}`]: rival,
    [`address/${network}/10.0.0.2`]: claim,
  }
  cluster.backend.commit({
    puts: Object.entries(records).map(([key, value]) => ({ key, value })),
  })
  return { claim, keys: Object.keys(records) }
}

async function waitFor(
  { cluster }: Context,
  node: TestNode,
  kind: string,
): Promise<void> {
  await until(() => {
    cluster.clock.advance(1000)
    return kinds(node).includes(kind)
  })
}

async function namesOn({ node }: TestNode): Promise<string[]> {
  return (await node.endpoints.list()).map(({ endpoint }) => endpoint.name)
}

test("a container whose address is another's by now is isolated", async (t) => {
  const { cluster, host2, network } = t.context
  const { claim } = giveToRival(t.context)

  await waitFor(t.context, host2, 'endpoint-isolated')

  t.deepEqual(
    (await host2.node.endpoints.list()).map(
      ({ endpoint, isolated = false }) => [endpoint.name, isolated],
    ),
    [
      ['bbox1', true],
      ['older', false],
    ],
  )
  t.deepEqual([...host2.system.configured.keys()], [], 'its link is down')
  t.regex(
    host2.logger.messages('error').join(),
    /bbox1 on ov_net1 is isolated: 10\.0\.0\.2 belongs to older on host3; overtap network disconnect ov_net1 bbox1/,
  )
  await pass(cluster, 5000)
  t.deepEqual(values(cluster)[`address/${network}/10.0.0.2`], claim)
  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')
  const again = await host2.node.endpoints.connect(connectRequest({}))
  t.not(again.endpoint.addresses[0], '10.0.0.2/24')
})

test('so is one whose network gave way to another, and it can leave', async (t) => {
  const { cluster, host2, before, network } = t.context
  const id = 'f'.repeat(64)
  const createdAt = '2099-01-01T00:00:00.000Z'
  const rival = { ...(before[`network/${network}`] as object), id, createdAt }
  cluster.backend.clear()
  cluster.backend.commit({
    puts: [
      { key: `network/${id}`, value: rival },
      { key: 'network-name/ov_net1', value: { network: id } },
    ],
  })

  await waitFor(t.context, host2, 'endpoint-isolated')
  await waitFor(t.context, host2, 'store-settled')

  for (const reference of [undefined, 'ov_net1']) {
    const [one] = await host2.node.endpoints.list(reference)
    t.like(one, { isolated: true, endpoint: { name: 'bbox1' } })
  }
  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')
  t.deepEqual(await host2.node.endpoints.list(), [])
  t.deepEqual(host2.system.linksOf('bbox1'), [])
  const again = await host2.node.endpoints.connect(connectRequest({}))
  t.is(again.network.id, id)
})

test('it takes its address back when the other is gone', async (t) => {
  const { cluster, host2, before } = t.context
  const { keys } = giveToRival(t.context)
  await waitFor(t.context, host2, 'endpoint-isolated')

  cluster.backend.commit({ deletes: keys })
  await waitFor(t.context, host2, 'endpoint-rejoined')

  t.deepEqual(await namesOn(host2), ['bbox1'])
  t.is(host2.system.configured.size, 1, 'its link is up')
  t.is(host2.engine.ports.size, 1)
  t.like(values(cluster), before)
})

test('so it does after a restart, and not before', async (t) => {
  const { cluster, host2 } = t.context
  const { keys } = giveToRival(t.context)
  await waitFor(t.context, host2, 'endpoint-isolated')
  await host2.store.close()

  const after = await cluster.create(2, {}, host2.system)
  await after.node.start()
  t.teardown(() => after.node.stop())
  await pass(cluster, 10_000)
  t.deepEqual(await namesOn(after), ['bbox1', 'older'])
  t.deepEqual([...host2.system.configured.keys()], [])

  cluster.backend.commit({ deletes: keys })
  await waitFor(t.context, after, 'endpoint-rejoined')
  t.deepEqual(await namesOn(after), ['bbox1'])
})

test('a container being disconnected by a daemon that died is taken off', async (t) => {
  const { cluster, host2 } = t.context
  const journal = cluster.journal(host2.system)
  const [entry] = [...journal.entries].filter(([key]) => key.startsWith('end'))
  const [key = '', value] = entry ?? []
  const leaving = { ...(value as object), standing: 'leaving' }
  await host2.store.close()
  await journal.write({ puts: [{ key, value: leaving }] })

  const after = await cluster.create(2, {}, host2.system)
  await after.node.start()
  t.teardown(() => after.node.stop())

  t.deepEqual(host2.system.linksOf('bbox1'), [])
  t.deepEqual(await after.node.endpoints.list(), [])
  t.false(journal.entries.has(key))
})

test('what the journal cannot take is not done', async (t) => {
  const { cluster, host2, before } = t.context
  host2.system.addNamespace('bbox2')
  cluster.journal(host2.system).refusal = new Error('disk full')

  await t.throwsAsync(
    host2.node.endpoints.connect(connectRequest({ target: 'bbox2' })),
    { message: 'disk full' },
  )

  t.deepEqual(host2.system.linksOf('bbox2'), [])
  t.is(
    Object.keys(values(cluster)).filter((key) => key.startsWith('endpoint/'))
      .length,
    Object.keys(before).filter((key) => key.startsWith('endpoint/')).length,
  )
})

test('a daemon that was suspended for longer than its lease goes on as before', async (t) => {
  const { cluster, host2, before } = t.context
  host2.store.setReachable(false)
  await pass(cluster, 20_000)
  const [lease] = cluster.backend.leases()
  t.true((lease?.remainingMs ?? 1) < 0)
  const endpoint = keyOf(cluster, 'endpoint')
  cluster.backend.commit({ deletes: [endpoint] })
  cluster.backend.release({ host: 'host2', fence: lease?.fence ?? 0 })

  host2.store.setReachable(true)
  await restored(t.context)

  t.deepEqual(values(cluster), before)
  t.true((cluster.backend.leases()[0]?.fence ?? 0) > (lease?.fence ?? 0))
})

function values({ backend }: TestCluster): Record<string, Json> {
  return Object.fromEntries(
    backend
      .snapshot()
      .entries.map(({ key, value }: Entry): [string, Json] => [key, value])
      .filter(([key]) => !key.startsWith('allocation/'))
      .sort(),
  )
}

function withoutHost(records: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(records).filter(([key]) => !key.startsWith('host/')),
  )
}

/** The only record of its kind; empty when there is none. */
function keyOf({ backend }: TestCluster, kind: string): string {
  const { entries } = backend.snapshot()
  return entries.find(({ key }) => key.startsWith(`${kind}/`))?.key ?? ''
}

function kinds({ node }: TestNode): string[] {
  return node.events.latest(1000).map(({ kind }) => kind)
}

/** Until all of the records are there again, whatever time it takes. */
async function restored(
  { cluster, before }: Context,
  wanted = before,
): Promise<void> {
  await until(async () => {
    await pass(cluster, 1000)
    const present = values(cluster)
    return Object.entries(wanted).every(
      ([key, value]) => JSON.stringify(present[key]) === JSON.stringify(value),
    )
  })
}

/** In steps, so that what a timer starts can finish before the next one. */
async function pass({ clock }: TestCluster, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    clock.advance(Math.min(1000, ms))
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
