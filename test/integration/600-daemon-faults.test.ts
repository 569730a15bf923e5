//  A daemon that crashes, freezes or goes for good.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3        redis @ host1
//       (.130) ------- switch (.128) ------------------ (.129)

import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import type {
  HostResponse,
  StatusResponse,
} from '../../src/frontends/api/schema.js'
import { connect } from '../lab/cluster.js'
import type { Settings } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import { iperf } from '../lab/iperf.js'
import { lookUp, reaches } from '../lab/traffic.js'
import { Stream } from '../lab/stream.js'
import {
  endpointNames,
  type FaultCluster,
  outlived,
  startFaultCluster,
  storedAddresses,
  storedRecords,
  times,
} from './fault-cluster.js'

const test = anyTest as TestFn<FaultCluster>

/** However busy the machine is, no address is given up during a test. */
const patient = { ...times.lease, hold: 60_000 }

async function prepare(
  t: ExecutionContext<FaultCluster>,
  lease: Settings = patient,
): Promise<void> {
  t.context = await startFaultCluster({ keep: true, lease })
  const { cluster } = t.context
  t.teardown(() => cluster.stop())
}

test.serial('a connection outlives the kill -9 of its daemon', async (t) => {
  await prepare(t)
  const { cluster, bbox1, bbox2 } = t.context
  const { namespace } = bbox1
  const before = await storedRecords(t.context)
  const stream = await Stream.start(namespace, bbox2.namespace, bbox2.address)
  const load = iperf(namespace, bbox2.namespace, bbox2.address, {
    seconds: 8,
    flags: ['--bitrate', '200M'],
  })
  await eventually(t, async (t) => {
    const { Engine } = await cluster.host3.ask<StatusResponse>('status')
    t.true(Engine.Peers.some(({ RxBytes }) => RxBytes > 10e6))
  })

  await cluster.host2.crash()
  await cluster.host2.start()

  t.true(await reaches(bbox2.namespace, 'bbox1'))
  t.true((await load).bytes > 50e6, 'the load went on, too')
  await outlived(t, stream)
  t.deepEqual(await storedRecords(t.context), before)
  t.deepEqual(await endpointNames(cluster.host3), ['bbox1', 'bbox2'])
})

test.serial('frozen for longer than it is missed, it comes back', async (t) => {
  await prepare(t)
  const { cluster, bbox1, bbox2 } = t.context
  const { namespace } = bbox1
  const before = await storedRecords(t.context)
  const stream = await Stream.start(namespace, bbox2.namespace, bbox2.address)

  cluster.host2.freeze()
  await eventually(t, async (t) => {
    t.deepEqual(await endpointNames(cluster.host3), ['bbox2'])
  })
  t.deepEqual(await lookUp(bbox2.namespace, 'bbox1'), [])
  t.deepEqual(await storedAddresses(t.context), before.addresses)
  cluster.host2.thaw()

  await eventually(t, async (t) => {
    t.deepEqual(await storedRecords(t.context as FaultCluster), before)
  })
  await eventually(t, async (t) => {
    t.true(await reaches(bbox2.namespace, 'bbox1'))
  })
  t.true(await reaches(bbox1.namespace, 'bbox2'))
  await outlived(t, stream)
})

test.serial('gone for good: in the end its addresses are free', async (t) => {
  await prepare(t, times.lease)
  const { cluster, bbox1, network } = t.context
  const { host3 } = cluster
  const gone = await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox3')
  const late = await cluster.lab.addContainer('late')
  await cluster.host2.crash()

  await eventually(t, async (t) => {
    t.deepEqual(await endpointNames(host3), ['bbox2'])
  })
  const held = await host3.cli(
    ...['network', 'connect', '--ip', gone.address, 'ov_net1', late.name],
  )
  t.regex(held.stderr, /Address already in use: 10\.0\.0\.4/)
  await eventually(t, async (t) => {
    t.deepEqual(await storedAddresses(t.context as FaultCluster), {
      '10.0.0.3': 'host3',
    })
  })
  await eventually(t, async (t) => {
    const records = await cluster.redis.records(`address/${network}`)
    t.deepEqual(Object.keys(records), ['10.0.0.3'])
  })
  const heir = await connect(host3, 'ov_net1', late, '--ip', bbox1.address)
  t.is(heir.address, bbox1.address)
  const hosts = await host3.ask<HostResponse[]>('host', 'ls')
  t.deepEqual(
    hosts.map(({ Name }) => Name),
    ['host3'],
  )
})

test.serial('a connection outlives a stop with --keep', async (t) => {
  await prepare(t)
  const { cluster, bbox1, bbox2 } = t.context
  const { namespace } = bbox1
  const before = await storedRecords(t.context)
  const stream = await Stream.start(namespace, bbox2.namespace, bbox2.address)

  t.is((await cluster.host2.stop())?.code, 0)
  t.deepEqual(await storedRecords(t.context), before)
  await cluster.host2.start()

  await outlived(t, stream)
  t.deepEqual(await storedRecords(t.context), before)
})
