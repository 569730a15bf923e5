import { connect } from './cluster.js'
import type { Daemon } from './daemon.js'
import { iperf } from './iperf.js'
import { kernelContender } from './kernel-vxlan.js'
import type { Lab } from './lab.js'

export interface Load {
  readonly rounds: number
  /** Of each contender in each round. */
  readonly seconds: number
  /** TCP flows at once. */
  readonly streams?: number
}

export interface Comparison {
  /** Medians, bits per second. */
  readonly overtap: number
  readonly kernel: number
  readonly ratio: number
  /** overtap's, over all rounds. */
  readonly retransmits: number
}

/**
 * TCP over an overlay network and over the kernel's vxlan device between the
 * same hosts, in turns, after a short round of each to warm up.
 */
export async function compare(
  lab: Lab,
  daemons: readonly [Daemon, Daemon],
  network: string,
  load: Load,
): Promise<Comparison> {
  const { streams = 1 } = load
  const [one, two] = daemons
  const near = await connect(one, network, await lab.addContainer('near'))
  const far = await connect(two, network, await lab.addContainer('far'))
  const kernel = await kernelContender(lab, [one.host, two.host])
  const contenders = {
    overtap: (seconds: number) =>
      iperf(near.namespace, far.namespace, far.address, { seconds, streams }),
    kernel: (seconds: number) =>
      iperf(kernel.near, kernel.far, kernel.address, { seconds, streams }),
  }
  await contenders.overtap(1)
  await contenders.kernel(1)

  const rounds = { overtap: [] as number[], kernel: [] as number[] }
  let retransmits = 0
  for (let round = 0; round < load.rounds; round++) {
    const ours = await contenders.overtap(load.seconds)
    const theirs = await contenders.kernel(load.seconds)
    rounds.overtap.push(ours.bitsPerSecond)
    rounds.kernel.push(theirs.bitsPerSecond)
    retransmits += ours.retransmits
  }
  const medians = {
    overtap: median(rounds.overtap),
    kernel: median(rounds.kernel),
  }
  return { ...medians, ratio: medians.overtap / medians.kernel, retransmits }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
