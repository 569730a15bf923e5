import anyTest from 'ava'
import type { TestFn } from 'ava'
import { networkRequest, TestCluster } from '../../support/test-node.js'
import type { TestNode } from '../../support/test-node.js'
import { until } from '../../support/until.js'

const test = anyTest as TestFn<TestCluster>

test.beforeEach((t) => {
  t.context = new TestCluster()
})

test.afterEach.always((t) => t.context.stop())

async function healths({ node }: TestNode): Promise<string[]> {
  const hosts = await node.hosts.list()
  return hosts.map(({ name, health }) => `${name} ${health}`)
}

test('hosts are listed with address and health, and who answers', async (t) => {
  const host2 = await t.context.start(2)
  await t.context.start(3)
  await until(async () => (await host2.node.hosts.list()).length === 2)

  const hosts = await host2.node.hosts.list()

  t.like(hosts[0], {
    name: 'host2',
    address: '192.168.56.2',
    port: 4789,
    health: 'up',
    self: true,
  })
  t.like(hosts[1], { name: 'host3', health: 'up', self: false })
})

test('a host that falls silent is suspect, then dead', async (t) => {
  const host2 = await t.context.start(2)
  const host3 = await t.context.start(3)
  await until(async () => (await host2.node.hosts.list()).length === 2)
  host3.store.setReachable(false)

  await pass(t.context, 20_000)
  t.deepEqual(await healths(host2), ['host2 up', 'host3 suspect'])

  await pass(t.context, 60_000)
  t.deepEqual(await healths(host2), ['host2 up', 'host3 dead'])

  host3.store.setReachable(true)
  await until(async () => (await healths(host2)).includes('host3 up'))
  t.deepEqual(host3.logger.messages('error'), [])
})

test('a host that stops is off the list at once', async (t) => {
  const host2 = await t.context.start(2)
  const host3 = await t.context.create(3)
  await host3.node.start()
  await until(async () => (await host2.node.hosts.list()).length === 2)

  await host3.node.stop()

  await until(async () => (await host2.node.hosts.list()).length === 1)
  t.deepEqual(await healths(host2), ['host2 up'])
  t.is(t.context.backend.leases().length, 1)
})

test('a name that is in use elsewhere is refused, and nothing stays on', async (t) => {
  await t.context.start(2)
  const twin = await t.context.create(2)
  twin.system.hostAddresses = [
    { device: 'eth0', address: '192.168.56.77', mtu: 1500 },
  ]
  const other = await t.context.create(2, {}, twin.system)

  await t.throwsAsync(other.node.start(), {
    code: 'HOST_IDENTITY_TAKEN',
    message:
      'host name host2 is in use by 192.168.56.2; this daemon is 192.168.56.77',
  })
  t.false(other.engine.running)
})

test('a copy of a host, state directory and all, is refused', async (t) => {
  const { system } = await t.context.start(2)
  const copy = await t.context.create(2)
  copy.system.hostAddresses = [
    { device: 'eth0', address: '192.168.56.77', mtu: 1500 },
  ]
  copy.system.hostId = () => system.hostId()
  const other = await t.context.create(2, {}, copy.system)

  await t.throwsAsync(other.node.start(), {
    code: 'HOST_IDENTITY_TAKEN',
    message:
      'host name host2 is in use by 192.168.56.2; this daemon is 192.168.56.77',
  })
})

test('so is one that comes while the host is late, until that is given up', async (t) => {
  const host2 = await t.context.start(2)
  const twin = await t.context.create(2)
  twin.system.hostAddresses = [
    { device: 'eth0', address: '192.168.56.77', mtu: 1500 },
  ]
  host2.store.setReachable(false)
  await pass(t.context, 20_000)
  const early = await t.context.create(2, {}, twin.system)
  await t.throwsAsync(early.node.start(), { code: 'HOST_IDENTITY_TAKEN' })

  await pass(t.context, 660_000)

  const heir = await t.context.create(2, {}, twin.system)
  await heir.node.start()
  t.teardown(() => heir.node.stop())
  t.is(t.context.backend.leases()[0]?.address, '192.168.56.77')
})

test('a host whose lease was overtaken registers again and goes on', async (t) => {
  const { node, logger } = await t.context.start(2)
  const { backend } = t.context
  const request = { host: 'host2', address: 'x', ttlMs: 60_000 }
  await pass(t.context, 0)
  backend.release({ host: 'host2', fence: backend.leases()[0]?.fence ?? 0 })
  const intruder = backend.register({ ...request, owner: 'intruder' })
  await t.throwsAsync(node.networks.create(networkRequest({})), {
    code: 'STORE_FENCED',
  })
  await pass(t.context, 20_000)
  t.deepEqual(logger.messages('error'), ['cannot register this host'])
  t.like(await node.health(), {
    problems: ['this host has no lease', 'x has the name of this host'],
    leaseMs: null,
  })

  backend.release(intruder)
  await pass(t.context, 8000)

  await node.networks.create(networkRequest({}))
  t.deepEqual(logger.messages('warn'), ['lease lost; registering again'])
  t.deepEqual(logger.messages('error'), ['cannot register this host'])
})

test('after the store has lost everything the host is listed again', async (t) => {
  const host2 = await t.context.start(2)
  t.context.backend.clear()

  await pass(t.context, 8000)

  await until(async () => (await healths(host2)).includes('host2 up'))
  t.pass()
})

test('one line says that the store is away, one that it is back', async (t) => {
  const { store, logger } = await t.context.start(2)

  store.setReachable(false)
  await pass(t.context, 12_000)
  store.setReachable(true)
  await until(() => logger.messages('info').includes('the store is back'))

  t.deepEqual(logger.messages('warn'), [
    'the store is away: traffic goes on, changes are refused',
  ])
  t.deepEqual(logger.messages('error'), [])
})

/** In steps, so that what a timer starts can finish before the next one. */
async function pass(cluster: TestCluster, ms: number): Promise<void> {
  for (let passed = 0; passed <= ms; passed += 1000) {
    cluster.clock.advance(Math.min(1000, ms))
    await new Promise((resolve) => setImmediate(resolve))
  }
}
