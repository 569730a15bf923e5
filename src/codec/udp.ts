import { viewOf } from './bytes.js'
import { segmentChecksum } from './checksum.js'
import type { Ends } from './checksum.js'
import { ipVersion } from '../net/ip.js'
import { PROTOCOL } from './ipv4.js'

/**
 * UDP (RFC 768):
 *
 *     0             2                  4        6          8
 *     +-------------+------------------+--------+----------+---------
 *     | source port | destination port | length | checksum | payload
 *     +-------------+------------------+--------+----------+---------
 *
 * The checksum covers the addresses of the IP header, so both functions want
 * them. Over IPv4 it may be absent (0); over IPv6 it may not (RFC 8200 8.1).
 */
export interface UdpDatagram {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: Uint8Array
}

export const HEADER_LENGTH = 8

export function parse(bytes: Uint8Array, ends: Ends): UdpDatagram | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const view = viewOf(bytes)
  const length = view.getUint16(4)
  if (length < HEADER_LENGTH || length > bytes.length) return undefined
  const datagram = bytes.subarray(0, length)
  if (!checksumHolds(datagram, ends)) return undefined
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    payload: datagram.subarray(HEADER_LENGTH),
  }
}

export function emit(datagram: UdpDatagram, ends: Ends): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + datagram.payload.length)
  const view = viewOf(bytes)
  view.setUint16(0, datagram.sourcePort)
  view.setUint16(2, datagram.destinationPort)
  view.setUint16(4, bytes.length)
  bytes.set(datagram.payload, HEADER_LENGTH)
  // A sum that comes out as 0 is sent as its other form: 0 means "none".
  view.setUint16(6, segmentChecksum(ends, PROTOCOL.udp, bytes) || 0xffff)
  return bytes
}

function checksumHolds(datagram: Uint8Array, ends: Ends): boolean {
  if (viewOf(datagram).getUint16(6) === 0) return ipVersion(ends.source) === 4
  return segmentChecksum(ends, PROTOCOL.udp, datagram) === 0
}
