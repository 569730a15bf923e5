import type { EthernetFrame } from '../codec/ethernet.js'
import { PROTOCOL } from '../codec/ipv4.js'
import * as tcp from '../codec/tcp.js'
import { ignore, reply } from './decision.js'
import type { Decision, TcpDecision } from './decision.js'
import { DNS_PORT } from './dns-responder.js'
import { replyFrame, returnEnds } from './ip-packet.js'
import type { IpPacket } from './ip-packet.js'
import type { Segment } from './tcp/connection.js'
import { refusalOf } from './tcp/refusal.js'

/**
 * A segment to the gateway address: for the DNS server, or refused, so that its
 * sender fails at once instead of waiting.
 */
export function answerTcp(frame: EthernetFrame, packet: IpPacket): Decision {
  const segment = tcp.parse(packet.payload, packet)
  if (segment === undefined) return ignore('malformed')
  const { sourcePort, destinationPort } = segment
  const frameOf = wayBack(frame, packet, segment)
  if (destinationPort === DNS_PORT) {
    const peer = `${packet.source} ${sourcePort} ${packet.destination}`
    return { kind: 'tcp', peer, segment, frameOf }
  }
  const refusal = refusalOf(segment)
  return refusal === undefined ? ignore('unsupported') : reply(frameOf(refusal))
}

/** Keeps the addresses only: a connection lives longer than a frame. */
function wayBack(
  { source, destination, etherType }: EthernetFrame,
  packet: IpPacket,
  { sourcePort, destinationPort }: tcp.TcpSegment,
): TcpDecision['frameOf'] {
  const ends = returnEnds(packet)
  const frame = { source, destination, etherType, payload: new Uint8Array() }
  const ports = { sourcePort: destinationPort, destinationPort: sourcePort }
  return (answer: Segment) => {
    const payload = tcp.emit({ ...answer, ...ports }, ends)
    return replyFrame(frame, ends, PROTOCOL.tcp, payload)
  }
}
