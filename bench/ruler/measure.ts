import type { Program } from '../../test/lab/program.js'
import {
  clientArguments,
  parseResult,
  serverArguments,
} from '../../src/load/load.js'
import type { NamedLoad } from '../../src/load/loads.js'
import {
  type Figures as LoadFigures,
  figuresOf,
} from '../../src/load/sample.js'
import { loadProgram } from '../../src/system/load-generator.js'
import type { Pair } from '../contenders/contender.js'
import { costBetween } from './cost.js'
import { readCounters } from './counters.js'
import { onCpu, type Placement } from './placement.js'
import type { Sample } from './results.js'

const port = 5201
/** Beyond the time of the load itself. */
const patienceMs = 20_000

/** The figures of a sample; where it belongs is the caller's to know. */
export type Figures = LoadFigures & Pick<Sample, 'cost'>

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
      ...figuresOf(result, unit),
      cost: costBetween(before, after, placement, window),
    }
  } catch (error) {
    throw new Error(`${pair.near.label}: ${client.output}`, { cause: error })
  } finally {
    clearTimeout(late)
    await client.stop('SIGKILL')
  }
}
