import { errors } from '../base/errors.js'
import { cidrContains, firstHost, lastHost, parseCidr } from '../net/cidr.js'
import { bigintToIp, canonicalIp, ipToBigint, isIp } from '../net/ip.js'
import { isHostAddress } from './subnets.js'
import type { PlannedSubnet } from './subnets.js'

/**
 * The addresses a container may get by itself, in the order they are tried:
 * ascending, in `ipRange` where the subnet has one, never the gateway's. Made
 * as they are asked for: a /64 has more than can be listed.
 */
export function* candidates(subnet: PlannedSubnet): Generator<string, void> {
  const range = parseCidr(subnet.ipRange ?? subnet.subnet)
  const firstOfAll = ipToBigint(firstHost(subnet.subnet))
  const lastOfAll = ipToBigint(lastHost(subnet.subnet))
  const first = range.network > firstOfAll ? range.network : firstOfAll
  const last = range.last < lastOfAll ? range.last : lastOfAll
  for (let value = first; value <= last; value++) {
    const address = bigintToIp(value, range.version)
    if (address !== subnet.gateway) yield address
  }
}

/**
 * Checks an address a user asked for (`--ip`) and returns it in canonical
 * spelling with its subnet. It may be outside `ipRange`, as in Docker. Throws
 * ADDRESS_INVALID.
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
  if (address === subnet.gateway)
    throw errors.ADDRESS_INVALID(text, 'the address of the gateway')
  if (!isHostAddress(subnet.subnet, address))
    throw errors.ADDRESS_INVALID(
      text,
      `the network or broadcast address of ${subnet.subnet}`,
    )
  return { address, subnet }
}
