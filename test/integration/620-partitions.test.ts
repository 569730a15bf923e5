//  A host that is cut off from the store, from its peer, or from both.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3        redis @ host1
//       (.130) ------- switch (.128) ------------------ (.129)

import { setTimeout as sleep } from 'node:timers/promises'
import anyTest, { type TestFn } from 'ava'
import { eventually } from '../lab/eventually.js'
import { cut } from '../lab/partition.js'
import { Stream } from '../lab/stream.js'
import { lookUp, reaches } from '../lab/traffic.js'
import {
  endpointNames,
  type FaultCluster,
  neverStopped,
  outlived,
  startFaultCluster,
  storedRecords,
  times,
  unnoticed,
} from './fault-cluster.js'

const test = anyTest as TestFn<FaultCluster>

test.beforeEach(async (t) => {
  // The cuts are longer than a lease, and nobody is given up.
  t.context = await startFaultCluster({
    lease: { ...times.lease, dead: 30_000 },
  })
})

test.afterEach.always((t) => t.context.cluster.stop())

test.serial('from its peer: the connection waits', async (t) => {
  const { cluster, bbox1, bbox2 } = t.context
  const { host2, host3 } = cluster
  const { namespace } = bbox1
  const stream = await Stream.start(namespace, bbox2.namespace, bbox2.address)
  const before = await storedRecords(t.context)

  const heal = await cut(host2.host, [host3.host])
  t.false(await reaches(bbox1.namespace, bbox2.address))
  t.deepEqual(await storedRecords(t.context), before)
  await cluster.createNetwork('ov_net2')
  await heal()

  t.true((await outlived(t, stream)) > unnoticed, 'the cut was one')
  t.deepEqual(await storedRecords(t.context), before)
})

test.serial('from the store: traffic and names go on', async (t) => {
  const { cluster, bbox1, bbox2 } = t.context
  const { host1, host2, host3 } = cluster
  const { namespace } = bbox1
  const stream = await Stream.start(namespace, bbox2.namespace, bbox2.address)
  const before = await storedRecords(t.context)

  const heal = await cut(host2.host, [host1])
  await sleep(times.lease.ttl)
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox2'), ['10.0.0.3'])
  const bbox4 = await cluster.addContainer(host3, 'ov_net1', 'bbox4')
  t.deepEqual(await endpointNames(host2), ['bbox1', 'bbox2'])
  await heal()

  await eventually(t, async (t) => {
    t.deepEqual(await endpointNames(host2), ['bbox1', 'bbox2', 'bbox4'])
  })
  t.true(await reaches(bbox4.namespace, 'bbox1'))
  await eventually(t, async (t) => {
    t.deepEqual(await storedRecords(t.context as FaultCluster), {
      endpoints: { ...before.endpoints, bbox4: '10.0.0.4/24 on host3' },
      addresses: { ...before.addresses, '10.0.0.4': 'host3' },
    })
  })
  await neverStopped(t, stream)
})

test.serial('from both: each side goes on by itself', async (t) => {
  const { cluster, bbox1, bbox2 } = t.context
  const { host1, host2, host3 } = cluster
  const { namespace } = bbox1
  const near = await cluster.addContainer(host2, 'ov_net1', 'bbox3')
  const stream = await Stream.start(namespace, bbox2.namespace, bbox2.address)
  const before = await storedRecords(t.context)

  const heal = await cut(host2.host, [host1, host3.host])
  await sleep(times.lease.ttl)
  t.true(await reaches(bbox1.namespace, near.address))
  t.true(await reaches(bbox1.namespace, 'bbox3'))
  t.false(await reaches(bbox1.namespace, bbox2.address))
  await heal()

  await outlived(t, stream)
  await eventually(t, async (t) => {
    t.deepEqual(await storedRecords(t.context as FaultCluster), before)
  })
  t.true(await reaches(bbox2.namespace, 'bbox1'))
})
