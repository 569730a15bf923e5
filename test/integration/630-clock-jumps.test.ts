//  A wall clock that is set: an hour ahead, then right again.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3        redis @ host1
//       (.130) ------- switch (.128) ------------------ (.129)

import { setTimeout as sleep } from 'node:timers/promises'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import type { HostResponse } from '../../src/frontends/api/schema.js'
import { eventually } from '../lab/eventually.js'
import type { Host } from '../lab/namespace.js'
import { Stream } from '../lab/stream.js'
import {
  endpointNames,
  eventKinds,
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

const hour = 3600
/** Longer than all the times that end in a host being given up. */
const whileMs = times.lease.ttl + times.lease.dead + 500

/** Told only when something was taken away, or had to be written again. */
const harm = [
  ...['host-down', 'host-freed', 'record-restored', 'address-freed'],
  ...['endpoint-disconnected', 'endpoint-released', 'endpoint-isolated'],
  ...['store-replaced', 'drift-repaired'],
]

test.beforeEach(async (t) => {
  const options = { wallClocks: true }
  const faultCluster = await startFaultCluster({ keep: true }, options)
  const { bbox1, bbox2 } = faultCluster
  const stream = await Stream.start(
    ...([bbox1.namespace, bbox2.namespace, bbox2.address] as const),
  )
  t.context = { ...faultCluster, stream }
})

test.afterEach.always((t) => t.context.cluster.stop())

test.serial("the store's clock: nobody is given up", async (t) => {
  const { cluster, stream } = t.context
  const { host1, host2, host3 } = cluster
  const before = await storedRecords(t.context)

  await set(host1, hour)
  t.true((await storeTime(t.context)) > Date.now() / 1000 + hour / 2)
  await allIsWell(t, before)
  await set(host1, 0)
  await allIsWell(t, before)
  await neverStopped(t, stream)

  // The fence it had was an hour ahead.
  await host2.crash()
  await host2.start()
  await allUp(t)
  await eventually(t, async (t) => {
    t.deepEqual(await storedRecords(t.context as Context), before)
  })
  const bbox3 = await cluster.addContainer(host2, 'ov_net1', 'bbox3')
  t.is(bbox3.address, '10.0.0.4')
  t.deepEqual(await endpointNames(host3), ['bbox1', 'bbox2', 'bbox3'])
})

test.serial('a host that dies then is missed as soon as ever', async (t) => {
  const { cluster } = t.context
  await set(cluster.host1, hour)
  await allUp(t)

  await cluster.host2.crash()
  await set(cluster.host1, 0)

  await eventually(t, async (t) => {
    t.deepEqual(await endpointNames(cluster.host3), ['bbox2'])
  })
})

test.serial("a host's clock: only timestamps show it", async (t) => {
  const { cluster, network, stream } = t.context
  const { host2, redis } = cluster

  await set(host2.host, hour)
  await allIsWell(t, await storedRecords(t.context))
  const { endpoint } = await cluster.addContainer(host2, 'ov_net1', 'bbox3')
  const records = await redis.records(`endpoint/${network}`)
  const { createdAt } = records[endpoint.EndpointID] ?? {}
  t.true(Date.parse(String(createdAt)) > Date.now() + (hour / 2) * 1000)
  await set(host2.host, 0)
  await allIsWell(t, await storedRecords(t.context))
  await neverStopped(t, stream)
})

async function set({ clock }: Host, seconds: number): Promise<void> {
  await clock?.set(seconds)
}

/** Seconds, as Redis says. */
async function storeTime({ cluster }: Context): Promise<number> {
  const { host1, redis } = cluster
  const answer = await host1.run('redis-cli', '-u', redis.url, 'TIME')
  return Number(answer.split('\n')[0])
}

/** Changes work soon, nothing happens to anybody, and so it stays. */
async function allIsWell(
  t: ExecutionContext<Context>,
  before: Awaited<ReturnType<typeof storedRecords>>,
): Promise<void> {
  const { cluster } = t.context
  await allUp(t)
  await cluster.createNetwork('ov_net2')
  await cluster.host2.ask('network', 'rm', 'ov_net2')
  await sleep(whileMs)
  await allUp(t)
  t.deepEqual(await storedRecords(t.context), before)
  for (const daemon of [cluster.host2, cluster.host3]) {
    const kinds = await eventKinds(daemon)
    t.deepEqual(
      kinds.filter((kind) => harm.includes(kind)),
      [],
    )
  }
}

/** Soon: each renews its lease in its turn. */
async function allUp(t: ExecutionContext<Context>): Promise<void> {
  const { host3 } = t.context.cluster
  await eventually(t, async (t) => {
    const hosts = await host3.ask<HostResponse[]>('host', 'ls')
    t.deepEqual(
      hosts.map(({ Health }) => Health),
      ['up', 'up'],
    )
  })
}
