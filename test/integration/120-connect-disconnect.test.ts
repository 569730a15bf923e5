//  A running container joins a second network and leaves it again.
//
//   bbox1 (ov_net1)         bbox3 (ov_net2, for a while ov_net1)
//     |                       |     :
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)

import test from 'ava'
import type { EndpointResponse } from '../../src/frontends/api/schema.js'
import { Cluster, connect, type Container } from '../lab/cluster.js'
import { eventually } from '../lab/eventually.js'
import { lookUp, reaches } from '../lab/traffic.js'

let cluster: Cluster
let bbox1: Container
let bbox3: Container

test.before(async () => {
  cluster = await Cluster.start()
  await cluster.createNetwork('ov_net1')
  await cluster.createNetwork('ov_net2')
  bbox1 = await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox1')
  bbox3 = await cluster.addContainer(cluster.host3, 'ov_net2', 'bbox3')
})

test.after.always(() => cluster.stop())

test.serial('connected while running, it reaches both networks', async (t) => {
  const joined = await connect(cluster.host3, 'ov_net1', bbox3.namespace)

  t.is(joined.endpoint.Interface, 'eth2') // eth1 leads outside
  t.is(joined.address, '10.0.0.3')
  t.true(await reaches(bbox3.namespace, bbox1.address))
  t.true(await reaches(bbox3.namespace, 'bbox1'))
  t.true(await reaches(bbox1.namespace, 'bbox3'))
  t.true(await reaches(bbox3.namespace, '10.0.1.1'))
})

test.serial('disconnected, it is gone from that network only', async (t) => {
  await cluster.host3.ask(
    ...['network', 'disconnect', 'ov_net1', bbox3.namespace.name],
  )

  const links = await bbox3.namespace.run('ip', '-o', 'link')
  t.notRegex(links, /eth2/)
  t.regex(links, /eth0.*eth1/s)
  t.false(await reaches(bbox3.namespace, bbox1.address))
  await eventually(t, async (t) => {
    t.deepEqual(await lookUp(bbox1.namespace, 'bbox3'), [])
  })
  t.true(await reaches(bbox3.namespace, '10.0.1.1'))
})

test.serial('its endpoint is gone on both hosts', async (t) => {
  for (const daemon of [cluster.host2, cluster.host3]) {
    await eventually(t, async (t) => {
      const endpoints = await daemon.ask<EndpointResponse[]>('endpoint', 'ls')
      t.deepEqual(
        endpoints.map(({ Name, Network }) => `${Name} ${Network}`).sort(),
        ['bbox1 ov_net1', 'bbox3 ov_net2'],
      )
    })
  }
})

test.serial('it can come back', async (t) => {
  await connect(cluster.host3, 'ov_net1', bbox3.namespace)
  t.true(await reaches(bbox1.namespace, 'bbox3'))
})
