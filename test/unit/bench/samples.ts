import type { Place, Results, Sample } from '../../../bench/ruler/results.js'

type Cell = Place & Pick<Sample, 'load' | 'contender'>

export const cell: Cell = {
  profile: 'veth',
  placement: 'pinned',
  load: 'tcp-1',
  contender: 'kernel-vxlan',
}

/** One sample for each value, of a cell like `cell` but for what is given. */
export function rounds(values: readonly number[], other: Partial<Cell> = {}) {
  return values.map((value, index): Sample => ({
    ...cell,
    ...other,
    round: index + 1,
    value,
    loss: 0,
    latencyUs: { p50: 20, p99: 40, p999: 80 },
    cost: {
      gigabytes: 2,
      seconds: 1,
      cpuSeconds: [1, 0.5],
      contextSwitches: 1000,
      daemonCpuSeconds: [0.4, 0.2],
      daemonWakeUps: [10, 20],
      rssBytes: 50e6,
      packets: 40_000,
    },
  }))
}

export function resultsOf(samples: readonly Sample[]): Results {
  return {
    machine: {
      date: '2026-01-02 03:04',
      command: 'npm run bench',
      kernel: '6.18.0',
      congestionControl: 'cubic',
      cpus: '2 x Some CPU',
      memory: '8 GiB',
      versions: { ovs: 'ovs-vswitchd (Open vSwitch) 3.1.0' },
      loadBefore: 0.1,
    },
    settings: { rounds: 3, seconds: 1 },
    skipped: ['tinc: tincd is missing: apt-get install tinc'],
    samples,
  }
}
