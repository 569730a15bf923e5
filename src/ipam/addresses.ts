import { errors } from '../base/errors.js'
import { cidrContains, firstHost, lastHost, parseCidr } from '../net/cidr.js'
import {
  bigintToIp,
  canonicalIp,
  ipToBigint,
  ipVersion,
  isIp,
} from '../net/ip.js'
import { isHostAddress } from './subnets.js'
import type { PlannedSubnet } from './subnets.js'

/**
 * The addresses a container may get by itself, in the order they are tried:
 * ascending from behind `after`, and round to it; in `ipRange` where the subnet
 * has one; never one that is reserved. Made as they are asked for: a /64 has
 * more than can be listed.
 */
export function* candidates(
  subnet: PlannedSubnet,
  after?: string,
): Generator<string, void> {
  const { version, first, last } = automaticRange(subnet)
  const reserved = reservedAddresses(subnet)
  const given = after === undefined ? last : ipToBigint(after)
  const start = given >= first && given < last ? given + 1n : first
  const runs = [
    { from: start, to: last },
    { from: first, to: start - 1n },
  ]
  for (const { from, to } of runs) {
    for (let value = from; value <= to; value++) {
      const address = bigintToIp(value, version)
      if (!reserved.has(address)) yield address
    }
  }
}

/** True for what `candidates` gives. */
export function isCandidate(subnet: PlannedSubnet, address: string): boolean {
  const { version, first, last } = automaticRange(subnet)
  if (ipVersion(address) !== version) return false
  const value = ipToBigint(address)
  if (value < first || value > last) return false
  return !reservedAddresses(subnet).has(address)
}

/** What no container may have, and what it is for: `gateway` or its name. */
export function reservedAddresses({
  gateway,
  auxAddresses = {},
}: PlannedSubnet): ReadonlyMap<string, string> {
  const aux = Object.entries(auxAddresses).map(
    ([name, address]): [string, string] => [address, name],
  )
  return new Map([...aux, [gateway, 'gateway']])
}

function automaticRange({ subnet, ipRange }: PlannedSubnet) {
  const { version, network, last } = parseCidr(ipRange ?? subnet)
  const firstOfAll = ipToBigint(firstHost(subnet))
  const lastOfAll = ipToBigint(lastHost(subnet))
  return {
    version,
    first: network > firstOfAll ? network : firstOfAll,
    last: last < lastOfAll ? last : lastOfAll,
  }
}

/**
 * Checks an address a user asked for (`--ip`) and returns it in canonical
 * spelling with its subnet. It may be outside `ipRange`, as in Docker. Throws
 * ADDRESS_INVALID, or ADDRESS_IN_USE for one that is reserved.
 */
export function staticAddress<S extends PlannedSubnet>(
  text: string,
  subnets: readonly S[],
): { readonly address: string; readonly subnet: S } {
  if (!isIp(text)) throw errors.ADDRESS_INVALID(text, 'not an address')
  const address = canonicalIp(text)
  const subnet = subnets.find((one) => cidrContains(one.subnet, address))
  if (subnet === undefined) {
    const all = subnets.map((one) => one.subnet).join(', ')
    throw errors.ADDRESS_INVALID(text, `outside of ${all}`)
  }
  if (!isHostAddress(subnet.subnet, address))
    throw errors.ADDRESS_INVALID(
      text,
      `the network or broadcast address of ${subnet.subnet}`,
    )
  const reserved = reservedAddresses(subnet).get(address)
  if (reserved !== undefined)
    throw errors.ADDRESS_IN_USE(address, { reservedFor: reserved })
  return { address, subnet }
}
