//  A network cannot be removed while anybody on any host is on it.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)

import test from 'ava'
import type { NetworkResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { eventually } from '../lab/eventually.js'

let cluster: Cluster
let bbox1: Container
let bbox2: Container

test.before(async () => {
  cluster = await Cluster.start()
  await cluster.createNetwork('ov_net1')
  bbox1 = await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox1')
  bbox2 = await cluster.addContainer(cluster.host3, 'ov_net1', 'bbox2')
})

test.after.always(() => cluster.stop())

test.serial('refused while in use, naming the holders', async (t) => {
  const { code, stderr } = await cluster.host2.cli('network', 'rm', 'ov_net1')

  t.is(code, 1)
  t.regex(stderr, /ov_net1 has active endpoints/)
  t.regex(stderr, /bbox1 \(host2\)/)
  t.regex(stderr, /bbox2 \(host3\)/)
  t.regex(stderr, /-> .*overtap network disconnect ov_net1/)
})

test.serial('refused also when only the other host uses it', async (t) => {
  const { host2, host3 } = cluster
  await host2.ask('network', 'disconnect', 'ov_net1', bbox1.namespace.name)

  const { code, stderr } = await host2.cli('network', 'rm', 'ov_net1')

  t.is(code, 1)
  t.regex(stderr, /bbox2 \(host3\)/)
  t.notRegex(stderr, /bbox1/)
  await host3.ask('network', 'disconnect', 'ov_net1', bbox2.namespace.name)
})

test.serial('removed once free, on both hosts', async (t) => {
  const { code, stdout } = await cluster.host2.cli('network', 'rm', 'ov_net1')

  t.is(code, 0)
  t.is(stdout, 'ov_net1')
  for (const daemon of [cluster.host2, cluster.host3]) {
    await eventually(t, async (t) => {
      const networks = await daemon.ask<NetworkResponse[]>('network', 'ls')
      t.deepEqual(networks, [])
    })
  }
})

test.serial('its name can be used again', async (t) => {
  const network = await cluster.createNetwork('ov_net1')
  t.is(network.Name, 'ov_net1')
})
