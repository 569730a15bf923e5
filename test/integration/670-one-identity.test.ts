//  Two machines with one name.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3        redis @ host1
//       (.130) ------- switch (.128) ------------------ (.129)
//                        |
//   "host2", too @ twin (.131)

import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import type {
  HostResponse,
  StatusResponse,
} from '../../src/frontends/api/schema.js'
import { Daemon, type Settings } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import type { Host } from '../lab/namespace.js'
import { cut } from '../lab/partition.js'
import { Stream } from '../lab/stream.js'
import { reaches } from '../lab/traffic.js'
import {
  eventKinds,
  type FaultCluster,
  neverStopped,
  outlived,
  startFaultCluster,
  storedRecords,
  times,
} from './fault-cluster.js'

interface Context extends FaultCluster {
  /** The machine that has the name of host2, too. */
  readonly twin: Host
  /** From bbox1 to bbox2. */
  readonly stream: Stream
}

const test = anyTest as TestFn<Context>

const refusal =
  /host name host2 is in use by 192\.168\.56\.130; this daemon is 192\.168\.56\.131/

async function prepare(
  t: ExecutionContext<Context>,
  lease: Settings = times.lease,
): Promise<void> {
  const faultCluster = await startFaultCluster({ lease })
  const { cluster, bbox1, bbox2 } = faultCluster
  t.teardown(() => cluster.stop())
  const twin = await cluster.lab.addHost('twin', '192.168.56.131')
  const stream = await Stream.start(
    ...([bbox1.namespace, bbox2.namespace, bbox2.address] as const),
  )
  t.context = { ...faultCluster, twin, stream }
}

function startTwin(
  { cluster, twin }: Context,
  lease: Settings = times.lease,
  ...flags: readonly string[]
): Promise<Daemon> {
  const settings = { ...times, lease }
  return Daemon.start(cluster.lab, twin, {
    ...{ store: cluster.store, settings },
    flags: ['--host', 'host2', ...flags],
  })
}

/** The first one, its containers and everybody's records are as before. */
async function undisturbed(
  t: ExecutionContext<Context>,
  before: Awaited<ReturnType<typeof storedRecords>>,
): Promise<void> {
  const { cluster, stream } = t.context
  await eventually(t, async (t) => {
    t.deepEqual(await hostHealths(cluster.host3), [
      'host2 192.168.56.130 up',
      'host3 192.168.56.128 up',
    ])
  })
  t.deepEqual(await storedRecords(t.context), before)
  const kinds = await eventKinds(cluster.host3)
  t.false(kinds.includes('endpoint-disconnected'))
  t.false(kinds.includes('address-freed'))
  await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox3')
  await neverStopped(t, stream)
}

async function hostHealths(daemon: Daemon): Promise<string[]> {
  const hosts = await daemon.ask<HostResponse[]>('host', 'ls')
  return hosts.map(
    ({ Name, Address, Health }) => `${Name} ${Address} ${Health}`,
  )
}

test.serial('the second is refused', async (t) => {
  await prepare(t)
  const before = await storedRecords(t.context)
  await t.throwsAsync(startTwin(t.context), { message: refusal })
  await undisturbed(t, before)
})

test.serial('and so is a copied state directory', async (t) => {
  await prepare(t)
  const { cluster } = t.context
  const before = await storedRecords(t.context)
  const copy = join(await cluster.lab.makeDirectory(), 'state')
  await cp(cluster.host2.state, copy, { recursive: true })
  await t.throwsAsync(startTwin(t.context, times.lease, '--state', copy), {
    message: refusal,
  })
  await undisturbed(t, before)
})

test.serial('and one that comes while the first is cut off', async (t) => {
  const patient = { ...times.lease, dead: 30_000 }
  await prepare(t, patient)
  const { cluster } = t.context
  const { host1, host2, host3 } = cluster
  const before = await storedRecords(t.context)
  const copy = join(await cluster.lab.makeDirectory(), 'state')
  await cp(host2.state, copy, { recursive: true })

  const heal = await cut(host2.host, [host1])
  await eventually(t, async (t) => {
    t.true((await hostHealths(host3))[0]?.endsWith('suspect'))
  })
  for (const flags of [[], ['--state', copy]]) {
    const starting = startTwin(t.context, patient, ...flags)
    await t.throwsAsync(starting, { message: refusal })
  }
  await heal()

  await undisturbed(t, before)
})

test.serial(
  'one that comes after the first was given up has the name until it stops',
  async (t) => {
    const hasty = { ...times.lease, hold: 500 }
    await prepare(t, hasty)
    const { cluster, bbox2 } = t.context
    const { host1, host2, host3 } = cluster
    const before = await storedRecords(t.context)

    const heal = await cut(host2.host, [host1])
    await eventually(t, async (t) => {
      t.deepEqual(await hostHealths(host3), ['host3 192.168.56.128 up'])
    })
    const twin = await startTwin(t.context, hasty)
    await heal()

    await host2.logged(/cannot register this host/)
    const refused = await host2.cli('network', 'create', 'ov_net2')
    t.regex(refused.stderr, /no longer holds the lease of host host2/)
    t.deepEqual(await hostHealths(host3), [
      'host2 192.168.56.131 up',
      'host3 192.168.56.128 up',
    ])
    const { Problems } = await host2.ask<StatusResponse>('status')
    t.true(Problems.includes('192.168.56.131 has the name of this host'))

    t.is((await twin.stop())?.code, 0)
    await eventually(t, async (t) => {
      t.deepEqual(await storedRecords(t.context as Context), before)
    })
    await cluster.createNetwork('ov_net2')
    t.is(host2.log.match(/cannot register this host/g)?.length, 1)
    t.true(await reaches(bbox2.namespace, 'bbox1'))
    await outlived(t, t.context.stream)
  },
)
