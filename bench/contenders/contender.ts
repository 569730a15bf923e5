import type { Lab } from '../../test/lab/lab.js'
import type { Host, Namespace } from '../../test/lab/namespace.js'

/** Two machines on one switch that a contender has for itself. */
export interface Site {
  readonly lab: Lab
  readonly near: Host
  readonly far: Host
  /** Of the underlay. */
  readonly mtu: number
}

/** Two ends that reach each other by the contender's way. */
export interface Pair {
  readonly near: Namespace
  readonly far: Namespace
  /** The far end's. */
  readonly address: string
  /** The near end's interface on that way. */
  readonly interface: string
  /** Ids of the processes that forward, on each side; none for the kernel. */
  readonly daemons: {
    readonly near: readonly number[]
    readonly far: readonly number[]
  }
}

/** A way from host to host. What it makes goes away with the lab. */
export interface Contender {
  readonly name: string
  /** For people. */
  readonly title: string
  /** Programs it needs; without one of them it is skipped. */
  readonly programs: readonly string[]
  /** Debian's package that has them, where it is called otherwise. */
  readonly package?: string
  /** Prints its version; absent for what comes with the kernel or with overtap. */
  readonly version?: readonly [string, ...string[]]
  readonly setUp: (site: Site) => Promise<Pair>
}

export const kernelOnly = { near: [], far: [] } as const
