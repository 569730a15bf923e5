//  Redis that dies, freezes, or comes back with less than it had.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3        redis @ host1
//       (.130) ------- switch (.128) ------------------ (.129)

import { setTimeout as sleep } from 'node:timers/promises'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import type { Daemon } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import { Stream } from '../lab/stream.js'
import { lookUp } from '../lab/traffic.js'
import {
  endpointNames,
  type FaultCluster,
  startFaultCluster,
  storedAddresses,
  storedEndpoints,
  times,
  unnoticed,
} from './fault-cluster.js'

interface Context extends FaultCluster {
  /** From bbox1 to bbox2, all through the test. */
  readonly stream: Stream
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const faultCluster = await startFaultCluster()
  const { bbox1, bbox2 } = faultCluster
  const stream = await Stream.start(
    ...([bbox1.namespace, bbox2.namespace, bbox2.address] as const),
  )
  t.context = { ...faultCluster, stream }
})

test.afterEach.always((t) => t.context.cluster.stop())

test.serial('killed: traffic, names and status go on', async (t) => {
  const { cluster, bbox1 } = t.context
  const { host2, redis } = cluster
  const before = await records(t.context)

  await redis.crash()
  await storeState(t, host2, 'reconnecting')
  t.deepEqual(await endpointNames(host2), ['bbox1', 'bbox2'])
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox2'), ['10.0.0.3'])
  await refused(t, 'network', 'create', 'ov_net2')
  await redis.start()

  await storeState(t, host2, 'connected')
  t.deepEqual(await records(t.context), before)
  await cluster.createNetwork('ov_net2')
  await neverStopped(t)
})

test.serial('frozen for longer than the leases: nothing is lost', async (t) => {
  const { cluster, bbox1 } = t.context
  const before = await records(t.context)

  cluster.redis.program.freeze()
  await sleep(times.lease.ttl + times.lease.dead + 500)
  await refused(t, 'network', 'create', 'ov_net2')
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox2'), ['10.0.0.3'])
  cluster.redis.program.thaw()

  await storeState(t, cluster.host2, 'connected')
  await cluster.createNetwork('ov_net2')
  t.deepEqual(await records(t.context), before)
  await neverStopped(t)
})

/** A change fails, and soon. */
async function refused(
  t: ExecutionContext<Context>,
  ...command: readonly string[]
): Promise<void> {
  const started = Date.now()
  const { code, stderr } = await t.context.cluster.host2.cli(...command)
  const took = Date.now() - started
  t.not(code, 0)
  t.regex(stderr, /the store cannot be reached/)
  t.true(took < 3000, `it took ${took} ms`)
}

async function storeState(
  t: ExecutionContext<Context>,
  daemon: Daemon,
  state: StatusResponse['Store']['State'],
): Promise<void> {
  await eventually(t, async (t) => {
    t.is((await daemon.ask<StatusResponse>('status')).Store.State, state)
  })
}

async function neverStopped(t: ExecutionContext<Context>): Promise<void> {
  const report = await t.context.stream.finish()
  t.log(`the connection stood still for ${report.pauseMs} ms`)
  t.true(report.complete)
  t.is(report.received, report.sent)
  t.true(report.pauseMs < unnoticed, `${report.pauseMs} ms`)
}

async function records(context: FaultCluster) {
  return [await storedEndpoints(context), await storedAddresses(context)]
}
