import type { Sample as LoadSample } from '../../src/load/sample.js'

/** What a run leaves behind, as it is in the JSON file. */
export interface Results {
  readonly machine: Machine
  readonly settings: {
    readonly rounds: number
    readonly seconds: number
  }
  /** What could not be measured, and why. */
  readonly skipped: readonly string[]
  readonly samples: readonly Sample[]
}

export interface Machine {
  readonly date: string
  readonly command: string
  readonly kernel: string
  /** Of TCP, where a profile does not say another. */
  readonly congestionControl: string
  readonly cpus: string
  readonly memory: string
  /** Program or contender -> version. */
  readonly versions: Readonly<Record<string, string>>
  /** Load average over a minute before the run: what else went on. */
  readonly loadBefore: number
}

/** Where a figure belongs. */
export interface Place {
  readonly profile: string
  readonly placement: string
}

/** One contender under one load, once. */
export interface Sample extends LoadSample, Place {
  readonly round: number
  readonly cost: Cost
}

/** Over the time that counts; of both sides unless said otherwise. */
export interface Cost {
  readonly gigabytes: number
  readonly seconds: number
  /** Of everything on the near and on the far CPU when each host has its own. */
  readonly cpuSeconds: readonly [near: number, far: number] | readonly [number]
  /** Of the whole machine. */
  readonly contextSwitches: number
  readonly daemonCpuSeconds: readonly [near: number, far: number]
  readonly daemonWakeUps: readonly [near: number, far: number]
  /** Of the near side's daemons. */
  readonly rssBytes: number
  /** That left the near container; a superpacket is one. */
  readonly packets: number
}
