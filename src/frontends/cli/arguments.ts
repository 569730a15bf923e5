import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'

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

/** 24 bits; 0 is reserved by many devices and by us. */
export function vni(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 0xffffff) {
    throw new InvalidArgumentError('Expected a number from 1 to 16777215.')
  }
  return value
}

/**
 * A namespace as the daemon understands it: the daemon has a working directory
 * of its own, so paths must be absolute. Names and `pid:N` hold no slash.
 */
export function absoluteTarget(target: string, cwd: string): string {
  return target.includes('/') ? resolve(cwd, target) : target
}
