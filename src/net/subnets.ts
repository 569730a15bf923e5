import { parseCidr } from './cidr.js'
import { ADDRESS_BITS, bigintToIp } from './ip.js'

/** Cutting a pool into subnets of one size, in order. */

/** How many subnets of prefix length `size` fit into `base`; 0 if none does. */
export function subnetCount(base: string, size: number): bigint {
  const { version, prefixLength } = parseCidr(base)
  if (size < prefixLength || size > ADDRESS_BITS[version]) return 0n
  return 1n << BigInt(size - prefixLength)
}

/**
 * The subnet number `index`, from 0, of prefix length `size` in `base`:
 * ('10.0.0.0/8', 24, 1n) -> '10.0.1.0/24'. A TypeError when there is none.
 */
export function subnetAt(base: string, size: number, index: bigint): string {
  if (index < 0n || index >= subnetCount(base, size)) {
    throw new TypeError(`no /${size} number ${index.toString()} in ${base}`)
  }
  const { version, network } = parseCidr(base)
  const offset = index << BigInt(ADDRESS_BITS[version] - size)
  return `${bigintToIp(network + offset, version)}/${size}`
}
