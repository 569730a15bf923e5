//  One container's traffic on several workers, with a queue of its TAP for each.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     | |                     |
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)

import { readdir, readFile } from 'node:fs/promises'
import anyTest, { type TestFn } from 'ava'
import { Cluster, type Container } from '../lab/cluster.js'
import type { Daemon } from '../lab/daemon.js'
import { iperf } from '../lab/iperf.js'
import type { Namespace } from '../lab/namespace.js'
import { reaches } from '../lab/traffic.js'

interface Context {
  readonly cluster: Cluster
}

const test = anyTest as TestFn<Context>
const one = { workers: 2 }
const several = { workers: 2, multiqueue: true }

test.beforeEach(async (t) => {
  t.context = { cluster: await Cluster.start({ settings: several }) }
  await t.context.cluster.createNetwork('ov_net1')
})

test.afterEach.always((t) => t.context.cluster.stop())

test.serial('flows of one container go over all workers', async (t) => {
  const { host2, bbox1, bbox2 } = await containers(t.context)
  t.is(await queues(bbox1.namespace), 2)
  const before = await wakeUps(host2)

  const streams = 16
  await datagrams(bbox1, bbox2, streams)

  const after = await wakeUps(host2)
  t.is(after.size, 2)
  for (const [worker, count] of after) {
    const times = count - (before.get(worker) ?? 0)
    t.true(times > 3 * streams, `${worker} woke up ${times} times`)
  }
})

test.serial('a TAP of several queues goes on with one worker', async (t) => {
  const { cluster, host2, bbox1 } = await containers(t.context)
  await host2.configure({ workers: 1 })
  await host2.crash()
  await host2.start()
  t.is(await queues(bbox1.namespace), 1)
  t.true(await reaches(bbox1.namespace, 'bbox2'))

  await host2.configure(several)
  await host2.crash()
  await host2.start()
  t.is(await queues(bbox1.namespace), 2)
  t.true(await reaches(bbox1.namespace, 'bbox2'))
  t.true(cluster.host3.running)
})

test.serial('a TAP of one queue is adopted as it is', async (t) => {
  const { host2 } = t.context.cluster
  await host2.configure(one)
  await host2.stop()
  await host2.start()
  const { bbox1 } = await containers(t.context)
  await host2.configure(several)
  await host2.crash()

  await host2.start()

  t.is(await queues(bbox1.namespace), 0)
  t.true(await reaches(bbox1.namespace, 'bbox2'))
})

async function containers({ cluster }: Context) {
  const { host2, host3 } = cluster
  const bbox1 = await cluster.addContainer(host2, 'ov_net1', 'bbox1')
  const bbox2 = await cluster.addContainer(host3, 'ov_net1', 'bbox2')
  return { cluster, host2, bbox1, bbox2 }
}

/** One way, slowly enough that each may wake a worker. */
function datagrams(from: Container, to: Container, streams: number) {
  const flags = ['--udp', '--length', '100', '--bitrate', '80K']
  return iperf(from.namespace, to.namespace, to.address, {
    ...{ seconds: 1, streams, flags },
  })
}

/** Of a device that may have several; 0 when it cannot. */
async function queues(container: Namespace): Promise<number> {
  const disciplines = await container.run(
    ...(['tc', 'qdisc', 'show', 'dev', 'eth0'] as const),
  )
  return disciplines.match(/parent :/g)?.length ?? 0
}

/** How often each worker's thread slept. */
async function wakeUps({ pid }: Daemon): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const status = await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8')
    const name = /^Name:\t(.*)$/m.exec(status)?.[1] ?? ''
    const times = /^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]
    if (name.startsWith('overtap-w')) counts.set(name, Number(times))
  }
  return counts
}
