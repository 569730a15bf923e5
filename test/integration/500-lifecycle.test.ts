//  Daemons that crash, stop and start, and containers that vanish.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)

import { existsSync } from 'node:fs'
import anyTest, { type TestFn } from 'ava'
import type {
  EndpointResponse,
  HostResponse,
} from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { Daemon } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import { Lab } from '../lab/lab.js'
import { lookUp, reaches } from '../lab/traffic.js'

interface Context {
  readonly cluster: Cluster
  readonly bbox1: Container
  readonly bbox2: Container
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = await Cluster.start()
  await cluster.createNetwork('ov_net1')
  t.context = {
    cluster,
    bbox1: await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox1'),
    bbox2: await cluster.addContainer(cluster.host3, 'ov_net1', 'bbox2'),
  }
})

test.afterEach.always((t) => t.context.cluster.stop())

test.serial('after a crash, a new daemon adopts what is there', async (t) => {
  const { cluster, bbox1, bbox2 } = t.context
  const index = await linkIndex(bbox1)
  await cluster.host2.crash()

  await cluster.host2.start()

  t.is(await linkIndex(bbox1), index, 'the interface is the same one')
  t.true(await reaches(bbox1.namespace, 'bbox2'))
  t.true(await reaches(bbox2.namespace, 'bbox1'))
  const endpoints = await cluster.host2.ask<EndpointResponse[]>(
    ...['endpoint', 'ls'],
  )
  t.deepEqual(endpoints.map(({ Name }) => Name).sort(), ['bbox1', 'bbox2'])
})

test.serial('the rest of the network goes on without it', async (t) => {
  const { cluster, bbox2 } = t.context
  const bbox4 = await cluster.addContainer(cluster.host3, 'ov_net1', 'bbox4')
  await cluster.host2.crash()

  t.true(await reaches(bbox2.namespace, bbox4.address))
  t.true(await reaches(bbox2.namespace, 'bbox4'))
})

test.serial(
  'after everybody left and a clean stop, nothing is there',
  async (t) => {
    const { cluster, bbox1, bbox2 } = t.context
    const { host2, host3 } = cluster
    t.true(existsSync(resolvConf(bbox1)))
    await host2.ask('network', 'disconnect', 'ov_net1', bbox1.namespace.name)

    const exit = await host2.stop()

    t.is(exit?.code, 0, host2.log)
    t.false(existsSync(host2.socket))
    t.false(existsSync(resolvConf(bbox1)))
    t.notRegex(await bbox1.namespace.run('ip', '-o', 'link'), /eth0/)
    t.deepEqual(await host2.host.processes(), [])
    await eventually(t, async (t) => {
      t.deepEqual(await lookUp(bbox2.namespace, 'bbox1'), [])
      const hosts = await host3.ask<HostResponse[]>('host', 'ls')
      const gone = hosts.find(({ Name }) => Name === 'host2')
      t.not(gone?.Health, 'up')
    })
  },
)

test.serial(
  'a namespace deleted while connected leaves no endpoint',
  async (t) => {
    const { cluster, bbox1, bbox2 } = t.context
    await cluster.lab.removeContainer(bbox1.namespace)

    for (const daemon of [cluster.host2, cluster.host3]) {
      await eventually(t, async (t) => {
        const endpoints = await daemon.ask<EndpointResponse[]>('endpoint', 'ls')
        t.deepEqual(
          endpoints.map(({ Name }) => Name),
          ['bbox2'],
        )
      })
    }
    t.deepEqual(await lookUp(bbox2.namespace, 'bbox1'), [])
    t.true(cluster.host2.running)
  },
)

test.serial('a host name that is in use is refused', async (t) => {
  const { cluster } = t.context
  const { lab } = cluster
  const host4 = await lab.addHost('host4', '192.168.56.127')

  const error = await t.throwsAsync(
    Daemon.start(lab, host4, {
      store: cluster.store,
      flags: ['--host', 'host2'],
    }),
  )

  t.regex(error.message, /host name host2 is in use by .*192\.168\.56\.130/)
  t.regex(error.message, /192\.168\.56\.127/)
  t.deepEqual(await host4.processes(), [])
  const hosts = await cluster.host3.ask<HostResponse[]>('host', 'ls')
  const owner = hosts.find(({ Name }) => Name === 'host2')
  t.is(owner?.Address, '192.168.56.130')
})

test.serial(
  'with no store configured it brings its own, which stays',
  async (t) => {
    const lab = await Lab.create()
    t.teardown(() => lab.destroy())
    const daemon = await Daemon.start(
      lab,
      await lab.addHost('host2', '192.168.56.130'),
    )
    await daemon.ask('network', 'create', 'ov_kept')

    await daemon.stop()
    t.deepEqual(await daemon.host.processes(), [])
    await daemon.start()

    const networks = await daemon.ask<{ Name: string }[]>('network', 'ls')
    t.deepEqual(
      networks.map(({ Name }) => Name),
      ['ov_kept'],
    )
  },
)

/** The number of its interface, which a new one would not have. */
async function linkIndex({ namespace }: Container): Promise<number> {
  const output = await namespace.run(
    ...(['ip', '-json', 'link', 'show', 'dev', 'eth0'] as const),
  )
  const [link] = JSON.parse(output) as { ifindex: number }[]
  return link?.ifindex ?? -1
}

function resolvConf({ namespace }: Container): string {
  return `/etc/netns/${namespace.name}/resolv.conf`
}
