//  Bulk TCP through two engines beside the kernel's own overlay, on the same
//  hosts, in turns: what else the machine does meets both alike.
//
//   near  k4000-near        far  k4000-far
//    |       |               |      |
//   TAP   br - vx4000       TAP   br - vx4000
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)

import test from 'ava'
import { Cluster } from '../lab/cluster.js'
import { compare } from '../lab/compare.js'

/** Issue 2: not less than half of kernel vxlan with veth offloads on. */
const leastRatio = 0.5

test('at least half of kernel vxlan', async (t) => {
  const cluster = await Cluster.start()
  t.teardown(() => cluster.stop())
  await cluster.createNetwork('ov_fast')

  const { overtap, kernel, ratio, retransmits } = await compare(
    cluster.lab,
    [cluster.host2, cluster.host3],
    'ov_fast',
    { rounds: 3, seconds: 3 },
  )

  const figures = `${gigabits(overtap)} against ${gigabits(kernel)} Gbit/s, ratio ${ratio.toFixed(2)}, ${retransmits} retransmits`
  t.log(figures)
  t.true(ratio >= leastRatio, figures)
})

function gigabits(bitsPerSecond: number): string {
  return (bitsPerSecond / 1e9).toFixed(2)
}
