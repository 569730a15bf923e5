import { errors } from '../base/errors.js'
import { canonicalCidr, cidrsOverlap } from '../net/cidr.js'
import type { Occupied } from './subnets.js'

/** Hexadecimal digits behind `fd` in a /64: 40 bits global id, 16 bits subnet id. */
const digits = 14

/**
 * An IPv6 /64 of the unique local addresses (RFC 4193) for a network. Its id is
 * random, so that the prefix is as unlikely as the RFC wants to meet another;
 * where it does, the next digits of the id are taken. Throws SUBNETS_EXHAUSTED.
 */
export function localPrefix(
  networkId: string,
  occupied: readonly Occupied[],
): string {
  for (let at = 0; at + digits <= networkId.length; at++) {
    const groups = `fd${networkId.slice(at, at + digits)}`.match(/.{4}/g) ?? []
    const subnet = canonicalCidr(`${groups.join(':')}::/64`)
    if (!occupied.some(({ prefix }) => cidrsOverlap(prefix, subnet))) {
      return subnet
    }
  }
  throw errors.SUBNETS_EXHAUSTED(['fd00::/8'])
}
