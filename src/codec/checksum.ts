import { ipToBytes } from '../net/ip.js'
import { concat, viewOf } from './bytes.js'

/** The addresses of the IP header around a segment, in canonical form. */
export interface Ends {
  readonly source: string
  readonly destination: string
}

/**
 * The Internet checksum (RFC 1071) of the bytes. Over data that includes its
 * own checksum the result is 0 exactly when that checksum is right.
 */
export function checksum(bytes: Uint8Array): number {
  const view = viewOf(bytes)
  const even = bytes.length & ~1
  let sum = 0
  for (let offset = 0; offset < even; offset += 2) {
    sum += view.getUint16(offset)
  }
  if (even < bytes.length) sum += view.getUint8(even) << 8
  // 64 KiB of 0xffff stay below 2^32, so folding at the end is enough.
  sum = (sum & 0xffff) + (sum >>> 16)
  sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** The checksum of a segment with the pseudo-header its IP version puts before it. */
export function segmentChecksum(
  ends: Ends,
  protocol: number,
  segment: Uint8Array,
): number {
  return checksum(concat(pseudoHeader(ends, protocol, segment.length), segment))
}

/**
 * IPv4, RFC 768:        source (4), destination (4), 0, protocol, length (2)
 * IPv6, RFC 8200 8.1:   source (16), destination (16), length (4), 0 0 0, protocol
 */
function pseudoHeader(ends: Ends, protocol: number, length: number) {
  const source = ipToBytes(ends.source)
  const destination = ipToBytes(ends.destination)
  const tail =
    source.length === 4
      ? [0, protocol, length >> 8, length]
      : [0, 0, length >> 8, length, 0, 0, 0, protocol]
  return concat(source, destination, Uint8Array.from(tail))
}
