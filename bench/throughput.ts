/**
 * TCP through two engines beside the kernel's own vxlan, on the same hosts, in
 * turns. The ratio is the figure to quote: what else the machine does meets
 * both contenders alike.
 */
import Table from 'cli-table3'
import { Cluster } from '../test/lab/cluster.js'
import { compare } from '../test/lab/compare.js'

const rounds = 5
const seconds = 3
const flows = [1, 4]

export async function throughput(): Promise<void> {
  console.log(
    `medians of ${rounds} rounds of ${seconds} s, veth underlay with all offloads`,
  )
  const table = new Table({
    head: ['TCP flows', 'overtap Gbit/s', 'kernel vxlan Gbit/s', 'ratio'],
    style: { head: [], border: [] },
  })
  for (const streams of flows) table.push(await measure(streams))
  console.log(table.toString())
}

async function measure(streams: number): Promise<string[]> {
  const cluster = await Cluster.start()
  try {
    await cluster.createNetwork('ov_bench')
    const hosts = [cluster.host2, cluster.host3] as const
    const load = { rounds, seconds, streams }
    const result = await compare(cluster.lab, hosts, 'ov_bench', load)
    return [
      String(streams),
      gigabits(result.overtap),
      gigabits(result.kernel),
      result.ratio.toFixed(2),
    ]
  } finally {
    await cluster.stop()
  }
}

function gigabits(bitsPerSecond: number): string {
  return (bitsPerSecond / 1e9).toFixed(2)
}
