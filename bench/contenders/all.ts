import type { Contender } from './contender.js'
import { kernelVxlan } from './kernel-vxlan.js'
import { nebula } from './nebula.js'
import { overtapTransports } from './overtap.js'
import { ovs } from './ovs.js'
import { tinc } from './tinc.js'
import { underlay } from './underlay.js'
import { wireguardGo } from './wireguard-go.js'

/** In the order in which they are measured and shown. */
export const contenders: readonly Contender[] = [
  underlay,
  kernelVxlan,
  ...overtapTransports,
  ovs,
  wireguardGo,
  nebula,
  tinc,
]

/** What all others are set in relation to. */
export const reference = kernelVxlan.name
