import test, { type ExecutionContext } from 'ava'
import { hostNamespace } from '../../../../src/node/endpoints/sandbox.js'
import { heldAddresses, heldRecords } from '../../../support/records.js'
import { TestCluster } from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { passUntil, until } from '../../../support/until.js'
import { FakeDocker } from './docker.js'

/** A daemon with a network of Docker. */
async function started(t: ExecutionContext) {
  const cluster = new TestCluster()
  const daemon = await cluster.create(2)
  await daemon.node.start()
  const docker = await FakeDocker.start(t, daemon)
  const network = await docker.createNetwork()
  return { cluster, daemon, docker, network }
}

/** The next daemon of the host, with a new plugin socket. */
async function succeeded(
  t: ExecutionContext,
  { cluster, daemon }: { cluster: TestCluster; daemon: TestNode },
) {
  const next = await cluster.create(2, {}, daemon.system)
  await next.node.start()
  t.teardown(() => next.node.stop())
  return { daemon: next, docker: await FakeDocker.start(t, next) }
}

test('the next daemon takes a container over, where Docker has put it', async (t) => {
  const before = await started(t)
  const container = await before.docker.run(before.network)
  await before.daemon.store.close()

  const { daemon, docker } = await succeeded(t, before)

  t.deepEqual(
    [...daemon.engine.ports.values()].map(({ netns, name }) => [netns, name]),
    [[container.sandbox, 'eth0']],
  )
  const { configured } = daemon.system
  t.like(configured.get(`${container.sandbox} eth0`), {
    addresses: [],
    up: false,
  })
  await docker.stop(container)
  t.deepEqual(heldRecords(before.cluster.backend), [])
  t.deepEqual(daemon.system.linksAt(hostNamespace), [])
  // The pool is known, too.
  t.is((await docker.run(before.network)).address, '10.0.0.3/24')
})

test('between Join and the container nothing is lost', async (t) => {
  const before = await started(t)
  const container = await before.docker.join(before.network)
  await before.daemon.store.close()

  const { daemon, docker } = await succeeded(t, before)
  const where = {
    NetworkID: before.network.id,
    EndpointID: container.endpoint,
  }
  const joined = await docker.call('NetworkDriver.Join', {
    ...where,
    SandboxKey: container.sandbox,
  })
  t.like(joined, { InterfaceName: { SrcName: container.link } })
  docker.moveIn(container)
  await passMinutes(before.cluster, daemon, 2)
  t.is(heldRecords(before.cluster.backend).length, 2)
})

test('what Docker never moved into a container is released', async (t) => {
  const { cluster, daemon, docker, network } = await started(t)
  t.teardown(() => daemon.node.stop())
  await docker.join(network)
  await passUntil(
    cluster.clock,
    () => heldRecords(cluster.backend).length === 0,
  )
  t.deepEqual(daemon.system.linksAt(hostNamespace), [])
})

test('a container whose sandbox goes away is released; one never seen is not', async (t) => {
  const { cluster, daemon, docker, network } = await started(t)
  t.teardown(() => daemon.node.stop())
  const hidden = await docker.run(network)
  daemon.system.removeSandbox(hidden.sandbox)
  await passMinutes(cluster, daemon, 2)
  t.is(heldRecords(cluster.backend).length, 2)

  const seen = await docker.run(network)
  await passMinutes(cluster, daemon, 1)
  daemon.system.removeSandbox(seen.sandbox)
  await passMinutes(cluster, daemon, 2)
  t.is(heldRecords(cluster.backend).length, 2)
})

test('what Docker deleted while no daemon was there is released', async (t) => {
  const before = await started(t)
  const container = await before.docker.run(before.network)
  await before.daemon.store.close()
  const { system } = before.daemon
  system.moveLink(container.sandbox, 'eth0', hostNamespace, container.link)
  system.removeSandbox(container.sandbox)

  const { daemon } = await succeeded(t, before)
  const { backend, clock } = before.cluster
  t.is(heldRecords(backend).length, 2)
  await passUntil(clock, () => heldRecords(backend).length === 0)
  t.deepEqual(daemon.system.linksAt(hostNamespace), [])
  t.deepEqual([...daemon.engine.ports], [])
})

test('after the host was started again nothing of Docker is left', async (t) => {
  const before = await started(t)
  const container = await before.docker.run(before.network)
  await before.daemon.store.close()
  before.daemon.system.removeSandbox(container.sandbox)

  const { docker } = await succeeded(t, before)
  t.deepEqual(heldRecords(before.cluster.backend), [])
  // Docker repeats what it knows of.
  const where = {
    NetworkID: before.network.id,
    EndpointID: container.endpoint,
  }
  await docker.call('NetworkDriver.Leave', where)
  await docker.call('NetworkDriver.DeleteEndpoint', where)
  await docker.releaseAddress(before.network.pool.PoolID, container.address)
})

test('an address asked for just before the end is given back', async (t) => {
  const before = await started(t)
  await before.docker.requestAddress(before.network.pool.PoolID)
  await before.daemon.store.close()
  t.is(heldAddresses(before.cluster.backend).length, 1)
  await succeeded(t, before)
  t.deepEqual(heldAddresses(before.cluster.backend), [])
})

test('a daemon that stops leaves the containers of Docker', async (t) => {
  const before = await started(t)
  const { cluster, daemon, docker } = before
  const container = await docker.run(before.network)
  const other = await cluster.start(3)
  t.teardown(() => cluster.stop())

  await daemon.node.stop()
  t.deepEqual(daemon.system.linksAt(container.sandbox), ['eth0'])
  t.is(heldRecords(cluster.backend).length, 2)
  // The lease runs on: the others know where it is.
  const hosts = await other.node.hosts.list()
  t.deepEqual(
    hosts.map(({ name, health }) => [name, health]),
    [
      ['host2', 'up'],
      ['host3', 'up'],
    ],
  )

  const next = await succeeded(t, before)
  t.is(next.daemon.node.status().endpoints, 1)
})

test('with the store away Docker may take down, and not run', async (t) => {
  const { cluster, daemon, docker, network } = await started(t)
  t.teardown(() => daemon.node.stop())
  const container = await docker.run(network)
  daemon.store.setReachable(false)

  await t.throwsAsync(docker.run(network), { message: /store/ })
  await docker.stop(container)
  t.deepEqual(daemon.system.linksAt(hostNamespace), [])
  t.is(heldRecords(cluster.backend).length, 2)

  daemon.store.setReachable(true)
  await passUntil(
    cluster.clock,
    () => heldRecords(cluster.backend).length === 0,
  )
  t.pass()
})

test('many at once on two hosts: no address twice, and none is left', async (t) => {
  const { cluster, daemon, docker, network } = await started(t)
  t.teardown(() => daemon.node.stop())
  const [{ id: gid } = { id: '' }] = daemon.node.networks.list()
  const other = await FakeDocker.start(t, await cluster.start(3))
  t.teardown(() => cluster.stop())
  const same = await other.createNetwork({ gid })

  const count = 25
  const all = await Promise.all(
    Array.from({ length: count }, async () => [
      { host: docker, container: await docker.run(network) },
      { host: other, container: await other.run(same) },
    ]),
  )
  const running = all.flat()
  const addresses = running.map(({ container }) => container.address)
  t.is(new Set(addresses).size, 2 * count)
  await Promise.all(running.map(({ host, container }) => host.stop(container)))
  await until(() => heldRecords(cluster.backend).length === 0)
  for (const { system } of [daemon, other.daemon]) {
    t.deepEqual(system.linksAt(hostNamespace), [])
  }
})

/** In steps, so that what waits for one another gets on. */
async function passMinutes(
  { clock }: TestCluster,
  { node }: TestNode,
  minutes: number,
): Promise<void> {
  const end = clock.monotonic() + minutes * 60_000
  await passUntil(clock, () => clock.monotonic() >= end, 1000)
  await node.endpoints.list()
}
