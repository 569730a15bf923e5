import type { EthernetFrame } from '../codec/ethernet.js'
import { PROTOCOL } from '../codec/ipv4.js'
import * as udp from '../codec/udp.js'
import type { UdpDatagram } from '../codec/udp.js'
import type { DnsDecision } from './decision.js'
import { returnEnds, returnFrame } from './ip-packet.js'
import type { IpPacket } from './ip-packet.js'

export const DNS_PORT = 53

/** Has a DNS query to the gateway address answered. */
export function answerDns(
  frame: EthernetFrame,
  packet: IpPacket,
  datagram: UdpDatagram,
): DnsDecision {
  const { sourcePort, destinationPort, payload: query } = datagram
  const ends = returnEnds(packet)
  const answer = (message: Uint8Array): Uint8Array => {
    const payload = udp.emit(
      {
        sourcePort: destinationPort,
        destinationPort: sourcePort,
        payload: message,
      },
      ends,
    )
    return returnFrame(frame, packet, PROTOCOL.udp, payload)
  }
  return { kind: 'dns', query, answer }
}
