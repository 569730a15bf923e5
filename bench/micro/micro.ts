/**
 * `npm run bench -- micro`: parts of overtap alone, without kernel and network.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { TestCluster } from '../../test/support/test-node.js'
import { describeMachine } from '../ruler/machine.js'
import { frameCases, recordCases, slowPathCases } from './cases.js'
import type { Figure } from './figure.js'
import { measureNative } from './native.js'
import { growth, microTable } from './report.js'
import { measureCases } from './suite.js'

/** What the growth of the forwarding table may cost. */
const wantedGrowth = 1.5

/** Prints a table; writes the same as JSON into `micro.json`. */
export async function micro(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      /** Of each case in each round. */
      ms: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '5' },
      out: { type: 'string', default: 'bench/build' },
    },
  })
  const [ms, rounds] = [wholeNumber(values.ms), wholeNumber(values.rounds)]
  const command = ['npm run bench -- micro', ...args].join(' ')
  const machine = await describeMachine([], command)
  const node = await measureNode((ms * rounds) / 1000)
  const figures = [...node, ...(await measureNative(ms, rounds))]
  console.log(microTable(figures))
  const ratios = growth(figures)
  console.log(`1 M entries / 1 k; wanted of lookups: ${wantedGrowth} at most`)
  for (const [group, ratio] of Object.entries(ratios)) {
    console.log(`  ${ratio.toFixed(1)} ${group}`)
  }
  await mkdir(values.out, { recursive: true })
  const file = join(values.out, 'micro.json')
  await writeFile(file, `${JSON.stringify({ machine, ratios, figures })}\n`)
  console.log(`written: ${file}`)
}

async function measureNode(seconds: number): Promise<Figure[]> {
  const cluster = new TestCluster()
  try {
    const slowPath = await slowPathCases(cluster)
    return measureCases(
      [...recordCases(), ...frameCases(), ...slowPath],
      seconds,
    )
  } finally {
    await cluster.stop()
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new Error(`expected a whole number above 0, not ${text}`)
}
