import { bytesToIp, ipToBytes } from '../net/ip.js'
import { bytesToMac, macToBytes } from '../net/mac.js'
import { ETHER_TYPE } from './ethernet.js'
import { viewOf } from './bytes.js'

/**
 * ARP for IPv4 over Ethernet (RFC 826):
 *
 *     0          2          4     5     6
 *     +----------+----------+-----+-----+-----------+
 *     | hardware | protocol | 6   | 4   | operation |
 *     +----------+----------+-----+-----+-----------+
 *     8            14          18           24          28
 *     +------------+-----------+------------+-----------+
 *     | sender MAC | sender IP | target MAC | target IP |
 *     +------------+-----------+------------+-----------+
 *
 * Other hardware, protocols and operations do not parse.
 */
export interface ArpPacket {
  readonly operation: 'request' | 'reply'
  readonly senderMac: string
  readonly senderIp: string
  readonly targetMac: string
  readonly targetIp: string
}

export const HEADER_LENGTH = 28

const HARDWARE_ETHERNET = 1
const ADDRESS_LENGTHS = 0x0604
const OPERATION = { request: 1, reply: 2 } as const

export function parse(bytes: Uint8Array): ArpPacket | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const view = viewOf(bytes)
  if (view.getUint16(0) !== HARDWARE_ETHERNET) return undefined
  if (view.getUint16(2) !== ETHER_TYPE.ipv4) return undefined
  if (view.getUint16(4) !== ADDRESS_LENGTHS) return undefined
  const operation = operationOf(view.getUint16(6))
  if (operation === undefined) return undefined
  return {
    operation,
    senderMac: bytesToMac(bytes.subarray(8, 14)),
    senderIp: bytesToIp(bytes.subarray(14, 18)),
    targetMac: bytesToMac(bytes.subarray(18, 24)),
    targetIp: bytesToIp(bytes.subarray(24, 28)),
  }
}

export function emit(packet: ArpPacket): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH)
  const view = viewOf(bytes)
  view.setUint16(0, HARDWARE_ETHERNET)
  view.setUint16(2, ETHER_TYPE.ipv4)
  view.setUint16(4, ADDRESS_LENGTHS)
  view.setUint16(6, OPERATION[packet.operation])
  bytes.set(macToBytes(packet.senderMac), 8)
  bytes.set(ipToBytes(packet.senderIp), 14)
  bytes.set(macToBytes(packet.targetMac), 18)
  bytes.set(ipToBytes(packet.targetIp), 24)
  return bytes
}

function operationOf(value: number) {
  if (value === OPERATION.request) return 'request'
  return value === OPERATION.reply ? 'reply' : undefined
}
