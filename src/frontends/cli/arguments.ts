import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { publishedPortProblem } from '../../net/published-port.js'
import { MAX_VNI } from '../../net/vni.js'

/** For options that may be given several times. */
export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value]
}

/** `k=v`, several times; a key alone has an empty value, as Docker has it. */
export function collectPairs(
  text: string,
  previous: Record<string, string> = {},
): Record<string, string> {
  const [, key, value = ''] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? []
  if (key === undefined) throw new InvalidArgumentError('Expected key=value.')
  return { ...previous, [key]: value }
}

/** `-p`, several times. */
export function collectPublished(
  text: string,
  previous: string[] = [],
): string[] {
  const problem = publishedPortProblem(text)
  if (problem !== null) throw new InvalidArgumentError(problem)
  return [...previous, text]
}

/** Of events: as many as a daemon keeps, or fewer. */
export function eventCount(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > 1000) {
    throw new InvalidArgumentError('Expected a number from 0 to 1000.')
  }
  return Number(text)
}

export const vni = countUpTo(MAX_VNI)

/** A number of things, at least one. */
export function countUpTo(most: number) {
  return (text: string): number => {
    if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most) {
      return Number(text)
    }
    throw new InvalidArgumentError(`Expected a number from 1 to ${most}.`)
  }
}

/**
 * A namespace as the daemon understands it: the daemon has a working directory
 * of its own, so paths must be absolute. Names and `pid:N` hold no slash.
 */
export function absoluteTarget(target: string, cwd: string): string {
  return target.includes('/') ? resolve(cwd, target) : target
}
