//  Redis that dies, freezes, or comes back with less than it had.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3        redis @ host1
//       (.130) ------- switch (.128) ------------------ (.129)

import { setTimeout as sleep } from 'node:timers/promises'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { connect } from '../lab/cluster.js'
import type { Daemon } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import { Stream } from '../lab/stream.js'
import { lookUp } from '../lab/traffic.js'
import {
  endpointNames,
  type FaultCluster,
  neverStopped,
  startFaultCluster,
  storedRecords,
  times,
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
  const before = await storedRecords(t.context)

  await redis.crash()
  await storeState(t, host2, 'reconnecting')
  t.deepEqual(await endpointNames(host2), ['bbox1', 'bbox2'])
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox2'), ['10.0.0.3'])
  await refused(t, 'network', 'create', 'ov_net2')
  await redis.start()

  await storeState(t, host2, 'connected')
  t.deepEqual(await storedRecords(t.context), before)
  await cluster.createNetwork('ov_net2')
  await neverStopped(t, t.context.stream)
})

test.serial('frozen for longer than the leases: nothing is lost', async (t) => {
  const { cluster, bbox1 } = t.context
  const before = await storedRecords(t.context)

  cluster.redis.program.freeze()
  await sleep(times.lease.ttl + times.lease.dead + 500)
  await refused(t, 'network', 'create', 'ov_net2')
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox2'), ['10.0.0.3'])
  cluster.redis.program.thaw()

  await storeState(t, cluster.host2, 'connected')
  await cluster.createNetwork('ov_net2')
  t.deepEqual(await storedRecords(t.context), before)
  await neverStopped(t, t.context.stream)
})

test.serial('emptied: the daemons write their records again', async (t) => {
  const before = await storedRecords(t.context)

  await t.context.cluster.redis.crash()
  await t.context.cluster.redis.empty()
  await t.context.cluster.redis.start()

  await comeBack(t, before)
  await neverStopped(t, t.context.stream)
})

test.serial('an old copy: so they do with what it lacks', async (t) => {
  const { cluster } = t.context
  await cluster.redis.backUp()
  await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox3')
  const before = await storedRecords(t.context)

  await cluster.redis.crash()
  await cluster.redis.restore()
  await cluster.redis.start()

  await comeBack(t, before)
  await neverStopped(t, t.context.stream)
})

/**
 * From the first moment on nobody gets an address that is in use; in the end
 * the records are what they were.
 */
async function comeBack(
  t: ExecutionContext<Context>,
  before: Awaited<ReturnType<typeof storedRecords>>,
): Promise<void> {
  const { cluster, bbox1 } = t.context
  const late = await cluster.lab.addContainer('late')
  const first = await cluster.host3.cli(
    ...['network', 'connect', 'ov_net1', late.name],
  )
  if (first.code !== 0) {
    t.regex(first.stderr, /the store (lost data|cannot be reached)/)
  }
  await eventually(t, async (t) => {
    t.like(await storedRecords(t.context as Context), before)
  })
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox2'), ['10.0.0.3'])
  await eventually(t, async (t) => {
    const names = await endpointNames(cluster.host3)
    if (!names.includes('late')) await connect(cluster.host3, 'ov_net1', late)
    t.pass()
  })
  const { addresses } = await storedRecords(t.context)
  const taken = Object.keys(before.addresses)
  t.is(Object.keys(addresses).length, taken.length + 1)
}

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
    const { Store, LeaseMs } = await daemon.ask<StatusResponse>('status')
    t.is(Store.State, state)
    // It may have ended meanwhile, and is renewed a moment after.
    if (state === 'connected') t.true((LeaseMs ?? 0) > 0)
  })
}
