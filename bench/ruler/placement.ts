import { execa } from 'execa'
import type { Namespace } from '../../test/lab/namespace.js'

/** Where the work of a host is done. */
export interface Placement {
  readonly name: string
  /** For people. */
  readonly title: string
  /** CPUs of each side; null for all of the machine. */
  readonly near: number | null
  readonly far: number | null
}

/** The first is the one to quote: closest to two machines, and the steadiest. */
export const placements: readonly Placement[] = [
  { name: 'pinned', title: 'one CPU per host', near: 0, far: 1 },
  { name: 'free', title: 'free scheduling', near: null, far: null },
]

/** To start a program where its side belongs. */
export function onCpu(
  cpu: number | null,
  program: string,
  args: readonly string[],
): [file: string, args: string[]] {
  return cpu === null
    ? [program, [...args]]
    : ['taskset', ['-c', String(cpu), program, ...args]]
}

/**
 * Moves what runs in the namespaces of one side, and the packets that come in
 * there (RPS: the softirq of a veth runs on the sender's CPU otherwise).
 */
export async function place(
  namespaces: readonly Namespace[],
  cpu: number | null,
  cpus: number,
): Promise<void> {
  const list = cpu === null ? `0-${cpus - 1}` : String(cpu)
  const mask = cpu === null ? '0' : (1 << cpu).toString(16)
  for (const namespace of new Set(namespaces)) {
    await namespace.run(
      ...(['sh', '-c'] as const),
      `for queue in /sys/class/net/*/queues/rx-*/rps_cpus; do echo ${mask} > $queue; done`,
    )
    for (const pid of await namespace.processes()) {
      // Some may end meanwhile.
      await execa('taskset', ['-a', '-c', '-p', list, String(pid)], {
        reject: false,
      })
    }
  }
}
