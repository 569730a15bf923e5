/**
 * `npm run demo`: the tutorial on three hosts made of network namespaces, with
 * namespaces as containers; `npm run demo:docker`: the same on hosts with Docker,
 * and with its containers. Everything is gone again at the end, however it ends.
 */
import Table from 'cli-table3'
import { compare, type Comparison } from '../lab/compare.js'
import { dockerMissing } from '../lab/docker.js'
import { interrupted } from '../lab/live.js'
import { type Outcome, play } from './play.js'
import { busy, styled } from './screen.js'
import { Stage } from './stage.js'
import { dockerSteps } from './steps-docker.js'
import { steps } from './steps.js'

const withDocker = process.argv.includes('docker')

async function main(): Promise<boolean> {
  const missing = withDocker ? dockerMissing() : undefined
  if (missing !== undefined) throw new Error(`no Docker here: ${missing}`)
  console.log('overtap on three hosts: network namespaces on a private switch.')
  const stage = await busy('making the hosts', Stage.set())
  try {
    const outcomes: Outcome[] = []
    for (const step of withDocker ? dockerSteps : steps) {
      outcomes.push(await play(stage, step))
    }
    const speed = withDocker ? undefined : await measure(stage)
    console.log(`\n${summary(outcomes)}`)
    if (speed !== undefined) console.log(speed)
    return outcomes.every(({ failed }) => failed === 0)
  } finally {
    await busy('removing the hosts', stage.lab.destroy())
  }
}

async function measure(stage: Stage): Promise<string> {
  try {
    const result = await busy(
      'one TCP flow over overtap, then over kernel vxlan, on the same hosts',
      compare(stage.lab, stage.daemons, 'ov_net3', { rounds: 1, seconds: 2 }),
    )
    return figures(result)
  } catch (error) {
    interrupted.throwIfAborted()
    return `The throughput could not be measured: ${(error as Error).message}`
  }
}

function figures({ overtap, kernel, ratio }: Comparison): string {
  const gigabits = (bits: number) => `${(bits / 1e9).toFixed(1)} Gbit/s`
  return `One TCP flow: overtap ${gigabits(overtap)}, kernel vxlan ${gigabits(kernel)} (${ratio.toFixed(2)}x), one short run on this machine.`
}

function summary(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ['step', '', 'checks', ''],
    style: { head: [], border: [], compact: true },
  })
  for (const { step, passed, failed } of outcomes) {
    const verdict =
      failed === 0 ? styled('green', 'passed') : styled('red', 'failed')
    const checks = `${passed} of ${passed + failed}`
    table.push([step.number, step.title, checks, verdict])
  }
  return table.toString()
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  // Ended by a signal: that is said by the exit code.
  if (!interrupted.aborted) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
