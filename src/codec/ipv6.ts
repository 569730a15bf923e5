import { bytesToIp, ipToBytes } from '../net/ip.js'
import { viewOf } from './bytes.js'

/**
 * IPv6 (RFC 8200 section 3):
 *
 *     0                           4                6             7           8
 *     +---------------------------+----------------+-------------+-----------+
 *     | version class flow label  | payload length | next header | hop limit |
 *     +---------------------------+----------------+-------------+-----------+
 *     8         24            40
 *     +---------+-------------+---------
 *     | source  | destination | payload
 *     +---------+-------------+---------
 *
 * Extension headers are not walked: a packet that has any, a fragment among
 * them, shows the first one as its next header, and is nobody's here.
 */
export interface Ipv6Packet extends Ipv6Header {
  readonly payload: Uint8Array
}

export interface Ipv6Header {
  readonly source: string
  readonly destination: string
  readonly nextHeader: number
  readonly hopLimit: number
}

export const HEADER_LENGTH = 40

const VERSION = 6

export function parse(bytes: Uint8Array): Ipv6Packet | undefined {
  const header = parseHeader(bytes)
  if (header === undefined) return undefined
  const end = HEADER_LENGTH + viewOf(bytes).getUint16(4)
  if (end > bytes.length) return undefined
  return { ...header, payload: bytes.subarray(HEADER_LENGTH, end) }
}

/** Of a packet that may be cut off anywhere behind its header. */
export function parseHeader(bytes: Uint8Array): Ipv6Header | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const view = viewOf(bytes)
  if (view.getUint8(0) >> 4 !== VERSION) return undefined
  return {
    source: bytesToIp(bytes.subarray(8, 24)),
    destination: bytesToIp(bytes.subarray(24, 40)),
    nextHeader: view.getUint8(6),
    hopLimit: view.getUint8(7),
  }
}

export function emit(packet: Ipv6Packet): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + packet.payload.length)
  const view = viewOf(bytes)
  view.setUint8(0, VERSION << 4)
  view.setUint16(4, packet.payload.length)
  view.setUint8(6, packet.nextHeader)
  view.setUint8(7, packet.hopLimit)
  bytes.set(ipToBytes(packet.source), 8)
  bytes.set(ipToBytes(packet.destination), 24)
  bytes.set(packet.payload, HEADER_LENGTH)
  return bytes
}
