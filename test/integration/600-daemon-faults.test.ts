//  A daemon that crashes, freezes or goes for good.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3        redis @ host1
//       (.130) ------- switch (.128) ------------------ (.129)

import anyTest, { type TestFn } from 'ava'
import { reaches } from '../lab/traffic.js'
import { Stream } from '../lab/stream.js'
import {
  endpointNames,
  type FaultCluster,
  startFaultCluster,
  storedAddresses,
  storedEndpoints,
} from './fault-cluster.js'

const test = anyTest as TestFn<FaultCluster>

test.beforeEach(async (t) => {
  t.context = await startFaultCluster()
})

test.afterEach.always((t) => t.context.cluster.stop())

test.serial('a connection outlives the kill -9 of its daemon', async (t) => {
  const { cluster, bbox1, bbox2 } = t.context
  const { namespace } = bbox1
  const before = await records(t.context)
  const stream = await Stream.start(namespace, bbox2.namespace, bbox2.address)

  await cluster.host2.crash()
  await cluster.host2.start()

  t.true(await reaches(bbox2.namespace, 'bbox1'))
  const report = await stream.finish()
  t.true(report.complete)
  t.is(report.received, report.sent)
  t.log(`the connection stood still for ${report.pauseMs} ms`)
  t.true(report.pauseMs < 10_000)
  t.deepEqual(await records(t.context), before)
  t.deepEqual(await endpointNames(cluster.host3), ['bbox1', 'bbox2'])
})

async function records(context: FaultCluster) {
  return [await storedEndpoints(context), await storedAddresses(context)]
}
