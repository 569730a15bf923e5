import type { EthernetFrame } from '../codec/ethernet.js'
import type {
  NeighbourMessage,
  NeighbourSolicitation,
} from '../codec/neighbour-discovery.js'
import { isGroupIp } from '../net/ip.js'
import { ignore, reply } from './decision.js'
import type { Decision } from './decision.js'
import type { NetworkDirectory } from './directory.js'
import {
  ALL_NODES,
  ON_LINK_HOP_LIMIT,
  advertisementFrame,
} from './neighbour-advertisement.js'
import type { IpPacket } from './ip-packet.js'
import { unanswered } from './unanswered.js'

/** What a sender uses that has no address yet, to find out whether it may have one. */
const UNSPECIFIED = '::'
const SOLICITED_NODE_PREFIX = 'ff02::1:ff'

/**
 * Answers neighbour solicitations for endpoints and gateways in their name
 * (RFC 4861 section 7.2.4). Duplicate address detection (RFC 4862 section 5.4)
 * is answered only when somebody other than the sender has the address. There
 * are no routers: router solicitations stay unanswered.
 */
export function answerNeighbour(
  frame: EthernetFrame,
  packet: IpPacket,
  message: NeighbourMessage,
  directory: NetworkDirectory,
): Decision {
  if (packet.hopLimit !== ON_LINK_HOP_LIMIT) return ignore('malformed')
  switch (message.kind) {
    case 'router-solicitation':
      return unanswered(directory, 'unsupported')
    case 'neighbour-advertisement':
      return unanswered(directory, 'own-address')
    case 'neighbour-solicitation':
      return answerSolicitation(frame, packet, message, directory)
  }
}

function answerSolicitation(
  frame: EthernetFrame,
  packet: IpPacket,
  solicitation: NeighbourSolicitation,
  directory: NetworkDirectory,
): Decision {
  const { target } = solicitation
  if (!isValid(packet, solicitation)) return ignore('malformed')
  if (directory.isHeldBy(target, frame.source)) {
    return unanswered(directory, 'own-address')
  }
  const mac = directory.macOf(target)
  if (mac === undefined) return unanswered(directory, 'unknown-address')
  const to =
    packet.source === UNSPECIFIED
      ? ALL_NODES
      : { ip: packet.source, mac: frame.source }
  return reply(advertisementFrame({ ip: target, mac }, to))
}

/** RFC 4861 section 7.1.1; lengths, code and checksum are the codec's. */
function isValid(packet: IpPacket, solicitation: NeighbourSolicitation) {
  if (isGroupIp(solicitation.target)) return false
  if (packet.source !== UNSPECIFIED) return !isGroupIp(packet.source)
  return (
    solicitation.linkLayer === undefined &&
    packet.destination.startsWith(SOLICITED_NODE_PREFIX)
  )
}
