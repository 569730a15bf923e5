import { InvalidArgumentError, Option } from 'commander'
import { choose } from '../../../load/choose.js'
import { loads, type NamedLoad } from '../../../load/loads.js'
import { countUpTo } from '../arguments.js'

/** What iperf3 has. */
export const defaultPort = 5201

export function portOption(): Option {
  return new Option(
    '--port <N>',
    `TCP and UDP port (default: ${defaultPort})`,
  ).argParser(countUpTo(65_535))
}

/** `tcp-1,requests`. */
export function chosenLoads(list: string): readonly NamedLoad[] {
  try {
    return choose(loads, list)
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`)
  }
}

/** What a server lets a client ask for (`native-bindings/load/request.h`). */
const mostSeconds = 60
const leastSeconds = 0.1

export function loadSeconds(text: string): number {
  const value = Number(text)
  if (text !== '' && value >= leastSeconds && value <= mostSeconds) return value
  throw new InvalidArgumentError(
    `Expected a number from ${leastSeconds} to ${mostSeconds}.`,
  )
}
