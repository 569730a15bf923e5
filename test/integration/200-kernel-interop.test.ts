//  One network, half overtap and half the kernel's vxlan device,
//  with the underlay's offloads.
//
//     ours                  kernel (10.30.0.200)
//       |                     | veth
//      TAP                  br300 - vx300
//   overtapd @ host2        host3
//       (.130) --- switch --- (.128)

import test from 'ava'
import { kernelInterop } from './kernel-interop.js'

kernelInterop(test, {})
