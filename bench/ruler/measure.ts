import type { Program } from '../../test/lab/program.js'
import {
  clientArguments,
  loadProgram,
  type LoadResult,
  parseResult,
  serverArguments,
} from './load-generator.js'
import type { Pair } from '../contenders/contender.js'
import { costBetween } from './cost.js'
import { readCounters } from './counters.js'
import type { NamedLoad, Unit } from './loads.js'
import { onCpu, type Placement } from './placement.js'
import type { Sample } from './results.js'

const port = 5201
/** Beyond the time of the load itself. */
const patienceMs = 20_000

/** The figures of a sample; where it belongs is the caller's to know. */
export type Figures = Pick<Sample, 'value' | 'loss' | 'latencyUs' | 'cost'>

/** Serves every load to come. */
export async function startServer({ far, address }: Pair): Promise<Program> {
  const server = far.start(loadProgram, serverArguments(address, port))
  await server.line(/^listening/)
  return server
}

/** Runs a load once, and reads the counters at both ends of the time that counts. */
export async function measure(
  pair: Pair,
  { load, unit }: NamedLoad,
  placement: Placement,
  seconds: number,
): Promise<Figures> {
  const args = clientArguments(pair.address, port, load, seconds)
  const client = pair.near.start(...onCpu(placement.near, loadProgram, args))
  const late = setTimeout(
    () => void client.stop('SIGKILL'),
    seconds * 1000 + patienceMs,
  )
  try {
    await client.line(/^begin/)
    const before = await readCounters(pair, client.pid)
    await client.line(/^end/, seconds * 1000 + patienceMs)
    const after = await readCounters(pair, client.pid)
    await client.exited
    const result = parseResult(client.output)
    const window = { bytes: result.windowBytes, seconds }
    return {
      value: valueOf(result, unit),
      loss: result.loss,
      latencyUs: result.latencyUs,
      cost: costBetween(before, after, placement, window),
    }
  } catch (error) {
    throw new Error(`${pair.near.label}: ${client.output}`, { cause: error })
  } finally {
    clearTimeout(late)
    await client.stop('SIGKILL')
  }
}

export function valueOf(result: LoadResult, unit: Unit): number {
  switch (unit) {
    case 'Gbit/s':
      return (result.bitsPerSecond + result.backwardBitsPerSecond) / 1e9
    case 'kpackets/s':
      return result.packetsPerSecond / 1000
    case 'transactions/s':
      return result.transactionsPerSecond
  }
}
