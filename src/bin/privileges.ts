import { readFileSync } from 'node:fs'
import { errors } from '../base/errors.js'

/** What the daemon does that needs each, by bit (linux/capability.h). */
const needed: readonly (readonly [bit: bigint, name: string])[] = [
  /** TAPs, addresses, links. */
  [12n, 'CAP_NET_ADMIN'],
  /** setns(2) into the namespaces of containers. */
  [21n, 'CAP_SYS_ADMIN'],
]

/** Throws PRIVILEGES_MISSING before anything is half done. */
export function requirePrivileges(): void {
  const missing = missingCapabilities(readFileSync('/proc/self/status', 'utf8'))
  if (missing.length > 0) throw errors.PRIVILEGES_MISSING(missing)
}

/** By `CapEff` of proc(5): root in a container may well lack some. */
export function missingCapabilities(procStatus: string): string[] {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(procStatus)?.[1] ?? '0'
  const effective = BigInt(`0x${digits}`)
  return needed
    .filter(([bit]) => ((effective >> bit) & 1n) === 0n)
    .map(([, name]) => name)
}
