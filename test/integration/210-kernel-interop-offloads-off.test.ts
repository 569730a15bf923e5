//  One network, half overtap and half the kernel's vxlan device,
//  without the underlay's offloads: every frame on the wire
//  is at most 1500 bytes and has its checksums.
//
//     ours                  kernel (10.30.0.200)
//       |                     | veth
//      TAP                  br300 - vx300
//   overtapd @ host2        host3
//       (.130) --- switch --- (.128)

import test from 'ava'
import { kernelInterop } from './kernel-interop.js'

kernelInterop(test, { offloads: false })
