//  The same over an underlay of IPv6: 20 bytes less for everybody.
//
//   bbox1 (ov_net1)         bbox2 (ov_net1)
//     |                       |
//   overtapd @ host2        overtapd @ host3
//     (fd00:56::130) switch (fd00:56::128)

import test from 'ava'
import { Capture } from '../lab/capture.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { iperf } from '../lab/iperf.js'
import { reaches } from '../lab/traffic.js'

let cluster: Cluster
let bbox1: Container
let bbox2: Container

test.before(async () => {
  cluster = await Cluster.start({ family: 6 })
  await cluster.createNetwork('ov_net1')
  bbox1 = await cluster.addContainer(cluster.host2, 'ov_net1', 'bbox1')
  bbox2 = await cluster.addContainer(cluster.host3, 'ov_net1', 'bbox2')
})

test.after.always(() => cluster.stop())

test.serial('the first packet is answered, by address and name', async (t) => {
  t.true(await reaches(bbox2.namespace, bbox1.address))
  t.true(await reaches(bbox1.namespace, 'bbox2'))
})

test.serial('the MTU is the route less 70', async (t) => {
  t.regex(await bbox1.namespace.run('ip', 'link', 'show', 'eth0'), /mtu 1430/)
  t.true(
    await reaches(bbox1.namespace, bbox2.address, '-M', 'do', '-s', '1402'),
  )
})

test.serial('TCP in bulk', async (t) => {
  const { bitsPerSecond } = await iperf(
    ...([bbox1.namespace, bbox2.namespace, bbox2.address] as const),
    { seconds: 1 },
  )
  t.true(bitsPerSecond > 100e6)
})

test.serial('on the wire it is VXLAN in IPv6', async (t) => {
  const { host } = cluster.host3
  const capture = await Capture.start(cluster.lab, host, {
    interface: host.interface,
    filter: 'ip6 and udp port 4789',
    count: 2,
  })
  t.true(await reaches(bbox1.namespace, bbox2.address))
  await capture.complete()

  const frames = await capture.read(['ipv6.dst', 'vxlan.vni', 'ip.dst'])
  t.deepEqual(frames[0], {
    'ipv6.dst': ['fd00:56::128'],
    'vxlan.vni': ['256'],
    'ip.dst': [bbox2.address],
  })
})
