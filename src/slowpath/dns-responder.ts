import type { EthernetFrame } from '../codec/ethernet.js'
import { PROTOCOL } from '../codec/ipv4.js'
import * as udp from '../codec/udp.js'
import type { UdpDatagram } from '../codec/udp.js'
import { resolve } from '../dns/resolver.js'
import type { Zone } from '../dns/zone.js'
import { ignore, reply } from './decision.js'
import type { Decision } from './decision.js'
import { returnEnds, returnFrame } from './ip-packet.js'
import type { IpPacket } from './ip-packet.js'

export const DNS_PORT = 53

/** Answers a DNS query to the gateway address from the zones of the asker. */
export function answerDns(
  frame: EthernetFrame,
  packet: IpPacket,
  datagram: UdpDatagram,
  zones: readonly Zone[],
): Decision {
  const answer = resolve(datagram.payload, zones)
  if (answer === undefined) return ignore('malformed')
  const payload = udp.emit(
    {
      sourcePort: datagram.destinationPort,
      destinationPort: datagram.sourcePort,
      payload: answer,
    },
    returnEnds(packet),
  )
  return reply(returnFrame(frame, packet, PROTOCOL.udp, payload))
}
