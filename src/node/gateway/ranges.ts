import { firstSubnet, nextSubnet } from '../../ipam/subnet-pools.js'
import type { Pool } from '../../ipam/subnet-pools.js'
import { parseCidr } from '../../net/cidr.js'
import { bigintToIp, ipToBigint } from '../../net/ip.js'

type Pools = readonly [Pool, ...Pool[]]

/** Docker's for bridges, without the one of its default bridge. */
const pools4: Pools = [
  { base: '172.18.0.0/15', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/13', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
]

/** Unique local (RFC 4193): `fd`, and `overtap` in ASCII. */
const pools6: Pools = [{ base: 'fd6f:7665:7274:6170::/60', size: 64 }]

/** The host's own number on the bridge; containers have those from 2 on. */
export const hostNumber = 1

/** The first range that no prefix of these overlaps. Throws SUBNETS_EXHAUSTED. */
export function freeRange(family: 4 | 6, prefixes: readonly string[]): string {
  const pools = family === 4 ? pools4 : pools6
  const occupied = prefixes.map((prefix) => ({ prefix, holder: 'a route' }))
  return nextSubnet(pools, firstSubnet(pools), occupied).subnet
}

/** The address with this number in a subnet, without prefix length. */
export function numbered(subnet: string, number: number): string {
  const { version, network } = parseCidr(subnet)
  return bigintToIp(network + BigInt(number), version)
}

/** Whether a container can have this number; the last IPv4 address is none. */
export function isNumberOf(subnet: string, number: number): boolean {
  const { network, last } = parseCidr(subnet)
  return number > hostNumber && BigInt(number) < last - network
}

/** Whether it is the address the host has on the bridge, with its prefix. */
export function isHostAddress(cidr: string): boolean {
  const { network, address } = parseCidr(cidr)
  return ipToBigint(address) === network + BigInt(hostNumber)
}
