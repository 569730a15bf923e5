import { bytesToMac, macToBytes } from '../net/mac.js'
import { viewOf } from './bytes.js'

/**
 * Ethernet II (RFC 894):
 *
 *     0           6           12     14
 *     +-----------+-----------+------+---------
 *     | destination | source  | type | payload
 *     +-----------+-----------+------+---------
 *
 * Without FCS, and without padding to 60 bytes: a TAP takes and gives frames
 * as short as their contents, and only a driver for a real wire pads them. A
 * VLAN tag is an EtherType like any other (0x8100).
 */
export interface EthernetFrame {
  readonly destination: string
  readonly source: string
  readonly etherType: number
  readonly payload: Uint8Array
}

export const HEADER_LENGTH = 14

export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const

export function parse(bytes: Uint8Array): EthernetFrame | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  return {
    destination: bytesToMac(bytes.subarray(0, 6)),
    source: bytesToMac(bytes.subarray(6, 12)),
    etherType: viewOf(bytes).getUint16(12),
    payload: bytes.subarray(HEADER_LENGTH),
  }
}

export function emit(frame: EthernetFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + frame.payload.length)
  bytes.set(macToBytes(frame.destination), 0)
  bytes.set(macToBytes(frame.source), 6)
  viewOf(bytes).setUint16(12, frame.etherType)
  bytes.set(frame.payload, HEADER_LENGTH)
  return bytes
}
