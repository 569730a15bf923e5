import * as icmpv4 from '../codec/icmpv4.js'
import * as icmpv6 from '../codec/icmpv6.js'
import type { IpVersion } from '../net/ip.js'

const LIMIT = {
  4: 576 - 20 - icmpv4.HEADER_LENGTH,
  6: 1280 - 40 - icmpv6.HEADER_LENGTH,
} as const

/**
 * How much of a packet goes back with an error: what keeps that within 576
 * bytes (RFC 1812 section 4.3.2.3) or IPv6's least MTU (RFC 4443 section 2.4c).
 */
export function quoted(packet: Uint8Array, version: IpVersion): Uint8Array {
  return packet.subarray(0, LIMIT[version])
}
