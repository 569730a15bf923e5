//  Two networks on the same hosts have nothing to do with each other.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)   bbox3 (ov_net2)
//     |                       |                 |
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)

import test from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { lookUp, reaches } from '../lab/traffic.js'

let cluster: Cluster
let bbox1: Container
let bbox2: Container
let bbox3: Container

test.before(async () => {
  cluster = await Cluster.start()
  await cluster.createNetwork('ov_net1')
  await cluster.createNetwork('ov_net2')
  const { host2, host3 } = cluster
  bbox1 = await cluster.addContainer(host2, 'ov_net1', 'bbox1')
  bbox2 = await cluster.addContainer(host3, 'ov_net1', 'bbox2')
  bbox3 = await cluster.addContainer(host3, 'ov_net2', 'bbox3')
})

test.after.always(() => cluster.stop())

test.serial('not by address', async (t) => {
  t.is(bbox3.address, '10.0.1.2')
  t.false(await reaches(bbox3.namespace, bbox1.address))
  t.false(await reaches(bbox3.namespace, bbox2.address))
  t.false(await reaches(bbox1.namespace, bbox3.address))
  t.true(await reaches(bbox2.namespace, bbox1.address))
})

test.serial('not by name', async (t) => {
  t.deepEqual(await lookUp(bbox3.namespace, 'bbox1'), [])
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox3'), [])
  t.deepEqual(await lookUp(bbox3.namespace, '10.0.0.2', 'PTR'), [])
})

test.serial('not with a route and the MAC of the other network', async (t) => {
  const before = await unknownDestinations()
  await bbox3.namespace.ip(
    `route add ${bbox2.address} dev eth0`,
    `neighbour add ${bbox2.address} lladdr ${bbox2.endpoint.MacAddress} dev eth0`,
    `route add ${bbox1.address} dev eth0`,
    `neighbour add ${bbox1.address} lladdr ${bbox1.endpoint.MacAddress} dev eth0`,
  )

  t.false(await reaches(bbox3.namespace, bbox2.address))
  t.false(await reaches(bbox3.namespace, bbox1.address))

  t.true((await unknownDestinations()) >= before + 2)
})

async function unknownDestinations(): Promise<number> {
  const { Engine } = await cluster.host3.ask<StatusResponse>('status')
  return Engine.Drops['unknown_destination'] ?? Number.NaN
}
