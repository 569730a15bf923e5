import test, { type ExecutionContext } from 'ava'
import { heldRecords } from '../../../support/records.js'
import { TestCluster } from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { passUntil } from '../../../support/until.js'
import { FakeDocker } from './docker.js'

/** A container of Docker whose address another host's container has by now. */
async function isolated(t: ExecutionContext) {
  const cluster = new TestCluster()
  t.teardown(() => cluster.stop())
  const daemon = await cluster.start(2)
  const docker = await FakeDocker.start(t, daemon)
  const container = await docker.run(await docker.createNetwork())
  const [{ endpoint } = { endpoint: undefined }] =
    await daemon.node.endpoints.list()
  if (!endpoint) throw new Error('it is not connected')
  const id = 'e'.repeat(64)
  const puts = [
    {
      key: `endpoint/${endpoint.network}/${id}`,
      value: { ...endpoint, id, host: 'host3', name: 'rival' },
    },
    {
      key: `address/${endpoint.network}/10.0.0.2`,
      value: { host: 'host3', endpoint: id },
    },
  ]
  cluster.backend.commit({ puts })
  await happened(cluster, daemon, 'endpoint-isolated')
  return { cluster, daemon, docker, container, rival: puts }
}

function happened(cluster: TestCluster, { node }: TestNode, kind: string) {
  const hasCome = () =>
    node.events.latest(100).some((event) => event.kind === kind)
  return passUntil(cluster.clock, hasCome)
}

test('its link is down, wherever Docker has put it, and Docker can end it', async (t) => {
  const { cluster, daemon, docker, container } = await isolated(t)
  t.true(daemon.system.isDown(container.sandbox, 'eth0'))
  t.deepEqual([...daemon.engine.ports], [])
  t.regex(
    daemon.logger.messages('error').join(),
    /is isolated: 10\.0\.0\.2 belongs to rival on host3; docker restart /,
  )
  await docker.stop(container)
  // What is left is the rival's.
  t.deepEqual(heldRecords(cluster.backend).map(kindOf), ['endpoint', 'address'])
  t.is((await docker.run(container.network)).address, '10.0.0.3/24')
})

test('it comes back when the other is gone', async (t) => {
  const { cluster, daemon, container, rival } = await isolated(t)
  cluster.backend.commit({ deletes: rival.map(({ key }) => key) })
  await happened(cluster, daemon, 'endpoint-rejoined')
  t.false(daemon.system.isDown(container.sandbox, 'eth0'))
  t.is(daemon.engine.ports.size, 1)
})

function kindOf(key: string): string {
  return key.slice(0, key.indexOf('/'))
}
