import { bytesToIp, ipToBytes } from '../net/ip.js'
import { viewOf } from './bytes.js'
import { checksum } from './checksum.js'

/**
 * IPv4 (RFC 791 section 3.1):
 *
 *     0         1     2              4    6                8
 *     +---------+-----+--------------+----+----------------+
 *     | ver IHL | TOS | total length | id | flags fragment |
 *     +---------+-----+--------------+----+----------------+
 *     8     9          10         12       16            20
 *     +-----+----------+----------+--------+-------------+---------
 *     | TTL | protocol | checksum | source | destination | options
 *     +-----+----------+----------+--------+-------------+---------
 *
 * Options are skipped when parsing and never emitted. A fragment parses as
 * such; nobody here reassembles. What is emitted is whole, with DF set and
 * therefore id 0 (RFC 6864 section 4.1).
 */
export interface Ipv4Packet extends Ipv4Header {
  readonly payload: Uint8Array
}

export interface Ipv4Header {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly ttl: number
  /** Part of a larger packet: `payload` does not begin, or end, as it did. */
  readonly fragment: boolean
}

export const HEADER_LENGTH = 20

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const

const VERSION = 4
const MIN_IHL = HEADER_LENGTH / 4
const DONT_FRAGMENT = 0x4000
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff

export function parse(bytes: Uint8Array): Ipv4Packet | undefined {
  const header = parseHeader(bytes)
  if (header === undefined) return undefined
  const view = viewOf(bytes)
  const totalLength = view.getUint16(2)
  if (totalLength > bytes.length) return undefined
  const headerLength = (view.getUint8(0) & 0x0f) * 4
  return { ...header, payload: bytes.subarray(headerLength, totalLength) }
}

/** Of a packet that may be cut off anywhere behind its header. */
export function parseHeader(bytes: Uint8Array): Ipv4Header | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const view = viewOf(bytes)
  const ihl = view.getUint8(0) & 0x0f
  const headerLength = ihl * 4
  if (view.getUint8(0) >> 4 !== VERSION || ihl < MIN_IHL) return undefined
  if (headerLength > bytes.length) return undefined
  if (view.getUint16(2) < headerLength) return undefined
  if (checksum(bytes.subarray(0, headerLength)) !== 0) return undefined
  return {
    source: bytesToIp(bytes.subarray(12, 16)),
    destination: bytesToIp(bytes.subarray(16, 20)),
    protocol: view.getUint8(9),
    ttl: view.getUint8(8),
    fragment: (view.getUint16(6) & MORE_FRAGMENTS_OR_OFFSET) !== 0,
  }
}

/** Emits whole packets only: `fragment` is not asked for. */
export function emit(packet: Omit<Ipv4Packet, 'fragment'>): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + packet.payload.length)
  const view = viewOf(bytes)
  view.setUint8(0, (VERSION << 4) | MIN_IHL)
  view.setUint16(2, bytes.length)
  view.setUint16(6, DONT_FRAGMENT)
  view.setUint8(8, packet.ttl)
  view.setUint8(9, packet.protocol)
  bytes.set(ipToBytes(packet.source), 12)
  bytes.set(ipToBytes(packet.destination), 16)
  view.setUint16(10, checksum(bytes.subarray(0, HEADER_LENGTH)))
  bytes.set(packet.payload, HEADER_LENGTH)
  return bytes
}
