//  Anybody on the underlay can send anything to UDP port 4789. What is no good
//  is dropped under its name, and the daemon goes on.
//
//   victim (10.30.0.2)
//      TAP
//   overtapd @ host2       host3, a static peer   host4, a stranger
//       (.130) --- switch --- (.128) ---------------- (.127)

import test from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { connect, createNetwork } from '../lab/cluster.js'
import { Interop } from './kernel-interop.js'
import type { Host } from '../lab/namespace.js'
import { eventually } from '../lab/eventually.js'
import { reaches, sendDatagrams } from '../lab/traffic.js'
import { ethernet, vxlan } from './frames.js'

let interop: Interop
let stranger: Host

test.before(async () => {
  interop = await Interop.start({})
  // A host knows the VNIs of the networks that it has containers on.
  await createNetwork(interop.daemon, 'private', '--vni', '302')
  const alone = await interop.lab.addContainer('alone')
  await connect(interop.daemon, 'private', alone)
  stranger = await interop.lab.addHost('host4', '192.168.56.127')
})

test.after.always(() => interop.lab.destroy())

/** Name of the drop and the datagrams that are dropped so, from the peer. */
const cases: readonly (readonly [string, string, readonly Uint8Array[]])[] = [
  [
    'vxlan_header',
    'headers that are cut short',
    [0, 1, 4, 7].map((length) => vxlan({ vni: 300 }).subarray(0, length)),
  ],
  [
    'vxlan_header',
    'no I flag',
    [vxlan({ vni: 300, flags: 0, inner: ethernet({}) })],
  ],
  [
    'unknown_vni',
    'networks that do not exist',
    [1, 301, 0xffffff].map((vni) => vxlan({ vni, inner: ethernet({}) })),
  ],
  [
    'runt',
    'frames shorter than an Ethernet header',
    [0, 1, 13].map((length) =>
      vxlan({ vni: 300, inner: ethernet({}).subarray(0, length) }),
    ),
  ],
  [
    'vlan_tagged',
    'tagged frames',
    [
      vxlan({
        vni: 300,
        inner: ethernet({ type: 0x8100, payload: new Uint8Array(60) }),
      }),
    ],
  ],
  [
    'unregistered_source',
    'another network than the one it is a peer of',
    [vxlan({ vni: 302, inner: ethernet({}) })],
  ],
  [
    'oversize',
    'frames larger than the MTU',
    [vxlan({ vni: 300, inner: ethernet({ payload: new Uint8Array(3000) }) })],
  ],
  [
    'malformed_ip',
    'IP headers that contradict themselves',
    [
      // IHL of 0, total length beyond the frame, a frame that ends in the header.
      Uint8Array.of(0x40, 0, 0, 40, ...new Array<number>(36).fill(0)),
      Uint8Array.of(0x45, 0, 0xff, 0xff, ...new Array<number>(36).fill(0)),
      Uint8Array.of(0x45, 0, 0, 20),
    ].map((payload) =>
      vxlan({ vni: 300, inner: ethernet({ type: 0x0800, payload }) }),
    ),
  ],
]

for (const [reason, what, datagrams] of cases) {
  test.serial(`${what}: dropped as ${reason}`, async (t) => {
    const before = await drops(reason)
    await sendDatagrams(
      ...([interop.kernelHost, '192.168.56.130', 4789] as const),
      datagrams,
    )
    await eventually(t, async (t) => {
      t.is((await drops(reason)) - before, datagrams.length)
    })
  })
}

test.serial('from a stranger: dropped as unregistered_source', async (t) => {
  const before = await drops('unregistered_source')
  await sendDatagrams(stranger, '192.168.56.130', 4789, [
    vxlan({ vni: 300, inner: ethernet({}) }),
    vxlan({ vni: 300, inner: ethernet({ to: 'ff:ff:ff:ff:ff:ff' }) }),
  ])
  await eventually(t, async (t) => {
    t.is((await drops('unregistered_source')) - before, 2)
  })
})

test.serial('too large from a container: dropped as oversize', async (t) => {
  const { namespace } = interop.ours
  const before = await drops('oversize')
  await namespace.ip('link set eth0 mtu 4000')
  t.teardown(() => namespace.ip('link set eth0 mtu 1450'))

  t.false(await reaches(namespace, '10.30.0.200', '-M', 'do', '-s', '3000'))

  await eventually(t, async (t) => {
    t.true((await drops('oversize')) > before)
  })
})

test.serial('garbage of every length: the daemon goes on', async (t) => {
  const lengths = Array.from({ length: 400 }, (_, index) => index * 4)
  const garbage = lengths.map((length) => noise(length, length))
  const headed = lengths.map((length) =>
    vxlan({ vni: 300, inner: noise(length, length + 1) }),
  )
  await sendDatagrams(interop.kernelHost, '192.168.56.130', 4789, [
    ...garbage,
    ...headed,
    new Uint8Array(60_000),
  ])

  t.true(interop.daemon.running)
  t.true(await reaches(interop.kernels, interop.ours.address))
})

async function drops(reason: string): Promise<number> {
  const { Engine } = await interop.daemon.ask<StatusResponse>('status')
  return Engine.Drops[reason] ?? Number.NaN
}

/** Reproducible noise: a linear congruential generator (Numerical Recipes). */
function noise(length: number, seed: number): Uint8Array {
  let state = seed + 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}
