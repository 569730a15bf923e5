import { parseCidr } from '../net/cidr.js'
import { ipToBigint } from '../net/ip.js'
import type { Versioned } from '../store/cluster-view.js'
import type { AddressClaim } from '../store/records.js'

/** The claims of one network by address. */
export type Claims = ReadonlyMap<string, Versioned<AddressClaim>>

/**
 * Where the sequence of a subnet stands: the address that was given last, of
 * those still in use. Undefined when none is. `only` says that the network has
 * no other subnet of this family, which saves a look at each address.
 */
export function lastGiven(
  subnet: string,
  only: boolean,
  claims: Claims,
): string | undefined {
  const { version: family, network, last } = parseCidr(subnet)
  const isInside = (address: string): boolean => {
    if (address.includes(':') !== (family === 6)) return false
    if (only) return true
    const value = ipToBigint(address)
    return value >= network && value <= last
  }
  let latest: string | undefined
  let latestVersion = 0
  for (const [address, { value, version }] of claims) {
    if (version <= latestVersion || !isInTurn(value)) continue
    if (!isInside(address)) continue
    latest = address
    latestVersion = version
  }
  return latest
}

/** False for what was given back, asked for or taken back. */
export function isInTurn({ released, outOfTurn }: AddressClaim): boolean {
  return released === undefined && outOfTurn === undefined
}
