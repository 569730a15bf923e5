//  A container sends from its own MAC and addresses, unless its network says
//  that it may do otherwise.
//
//   strict1 (ov_strict)     strict2
//   loose1  (ov_loose)      loose2
//     |                       |
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)

import test from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { reaches } from '../lab/traffic.js'

let cluster: Cluster
let strict: readonly [Container, Container]
let loose: readonly [Container, Container]

test.before(async () => {
  cluster = await Cluster.start()
  await cluster.createNetwork('ov_strict')
  await cluster.createNetwork(
    ...(['ov_loose', '--opt', 'overtap.port-security=off'] as const),
  )
  strict = await pair('strict')
  loose = await pair('loose')
})

test.after.always(() => cluster.stop())

test.serial('another address is dropped and counted', async (t) => {
  const [from, to] = strict
  await from.namespace.ip('address add 10.0.0.99/24 dev eth0')
  await answerFor(to, '10.0.0.99', from)
  t.true(await reaches(from.namespace, to.address))

  const before = await drops('spoofed_address')
  t.false(await reaches(from.namespace, to.address, '-I', '10.0.0.99'))
  t.true((await drops('spoofed_address')) > before)
})

test.serial('another MAC is dropped and counted', async (t) => {
  const [from, to] = strict
  const before = await drops('spoofed_mac')
  await setMac(from, '02:42:0a:00:00:63')

  t.false(await reaches(from.namespace, to.address))
  t.true((await drops('spoofed_mac')) > before)

  await setMac(from, from.endpoint.MacAddress)
  t.true(await reaches(from.namespace, to.address))
})

test.serial('both pass where port security is off', async (t) => {
  const [from, to] = loose
  await from.namespace.ip('address add 10.0.1.99/24 dev eth0')
  await answerFor(to, '10.0.1.99', from)

  t.true(await reaches(from.namespace, to.address, '-I', '10.0.1.99'))
})

async function pair(name: string): Promise<readonly [Container, Container]> {
  const network = `ov_${name}`
  return [
    await cluster.addContainer(cluster.host2, network, `${name}1`),
    await cluster.addContainer(cluster.host3, network, `${name}2`),
  ]
}

/** Nobody knows of the address but who uses it: the other is told by hand. */
async function answerFor(
  { namespace }: Container,
  address: string,
  owner: Container,
): Promise<void> {
  await namespace.ip(
    `neighbour add ${address} lladdr ${owner.endpoint.MacAddress} dev eth0`,
  )
}

async function setMac({ namespace }: Container, mac: string): Promise<void> {
  await namespace.ip(`link set eth0 address ${mac}`)
}

async function drops(reason: string): Promise<number> {
  const { Engine } = await cluster.host2.ask<StatusResponse>('status')
  return Engine.Drops[reason] ?? Number.NaN
}
