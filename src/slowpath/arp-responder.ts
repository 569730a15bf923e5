import * as arp from '../codec/arp.js'
import type { ArpPacket } from '../codec/arp.js'
import * as ethernet from '../codec/ethernet.js'
import type { EthernetFrame } from '../codec/ethernet.js'
import { ignore, reply } from './decision.js'
import type { Decision } from './decision.js'
import type { NetworkDirectory } from './directory.js'
import { unanswered } from './unanswered.js'

/**
 * Answers ARP requests for endpoints and gateways in their name. Never answers
 * one about the sender's own address: an announcement (RFC 5227 section 2.3)
 * needs none, and to a probe (section 2.1.1) it would mean a conflict.
 */
export function answerArp(
  frame: EthernetFrame,
  directory: NetworkDirectory,
): Decision {
  const packet = arp.parse(frame.payload)
  if (packet === undefined) return ignore('malformed')
  const { targetIp } = packet
  if (isAnnouncement(packet) || directory.isHeldBy(targetIp, frame.source)) {
    return unanswered(directory, 'own-address')
  }
  const mac = directory.macOf(targetIp)
  if (mac === undefined) return unanswered(directory, 'unknown-address')
  return reply(replyFrame(frame, packet, mac))
}

/** Gratuitous ARP comes as a request for oneself or as a reply nobody asked for. */
function isAnnouncement(packet: ArpPacket): boolean {
  return packet.operation === 'reply' || packet.senderIp === packet.targetIp
}

function replyFrame(frame: EthernetFrame, request: ArpPacket, mac: string) {
  return ethernet.emit({
    destination: frame.source,
    source: mac,
    etherType: ethernet.ETHER_TYPE.arp,
    payload: arp.emit({
      operation: 'reply',
      senderMac: mac,
      senderIp: request.targetIp,
      targetMac: request.senderMac,
      targetIp: request.senderIp,
    }),
  })
}
