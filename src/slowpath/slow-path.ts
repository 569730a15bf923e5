import * as ethernet from '../codec/ethernet.js'
import type { EthernetFrame } from '../codec/ethernet.js'
import * as icmpv6 from '../codec/icmpv6.js'
import { PROTOCOL } from '../codec/ipv4.js'
import * as udp from '../codec/udp.js'
import type { Upcall } from '../engine/engine.js'
import { isHostIp } from '../net/ip.js'
import { isGroupMac } from '../net/mac.js'
import { answerArp } from './arp-responder.js'
import { ignore } from './decision.js'
import type { Decision } from './decision.js'
import type { NetworkDirectory } from './directory.js'
import { answerDns, DNS_PORT } from './dns-responder.js'
import { answerEcho } from './echo-responder.js'
import { parseIpPacket } from './ip-packet.js'
import type { IpPacket } from './ip-packet.js'
import { answerNeighbour } from './nd-responder.js'
import { answerTcp } from './tcp-responder.js'
import { answerTooBig } from './too-big-responder.js'
import { refusePort } from './unreachable-responder.js'

export interface SlowPathContext {
  /** Of the network the frame came up from. */
  readonly directory: NetworkDirectory
}

/**
 * What to do with a frame the forwarding table could not answer. Pure: it
 * reads the frame and the context, and acts on nothing.
 *
 * At the gateway address there are ping, DNS over UDP and TCP, and a refusal of
 * all other datagrams and connections.
 */
export function decide(upcall: Upcall, context: SlowPathContext): Decision {
  const frame = ethernet.parse(upcall.frame)
  if (frame === undefined) return ignore('malformed')
  if (!isHostMac(frame.source)) return ignore('bad-source')
  if (upcall.reason === 'new-source') {
    return learnSource(frame, context.directory)
  }
  if (upcall.mtu !== undefined) {
    return answerTooBig(frame, upcall.mtu, context.directory)
  }
  switch (frame.etherType) {
    case ethernet.ETHER_TYPE.arp:
      return answerArp(frame, context.directory)
    case ethernet.ETHER_TYPE.ipv4:
    case ethernet.ETHER_TYPE.ipv6:
      return answerPacket(frame, context)
    default:
      return ignore('unsupported')
  }
}

/** A peer is believed about MACs that no record has, and about no others. */
function learnSource(
  { source }: EthernetFrame,
  directory: NetworkDirectory,
): Decision {
  if (directory.unknownUnicast !== 'flood') return ignore('unsupported')
  if (directory.hasMac(source)) return ignore('known-source')
  return { kind: 'learn', mac: source }
}

function answerPacket(frame: EthernetFrame, context: SlowPathContext) {
  const packet = parseIpPacket(frame)
  if (packet === undefined) return ignore('malformed')
  if (packet.fragment) return ignore('fragment')
  return (
    neighbourDecision(frame, packet, context.directory) ??
    gatewayDecision(frame, packet, context)
  )
}

/** Undefined when the packet is not about neighbours. */
function neighbourDecision(
  frame: EthernetFrame,
  packet: IpPacket,
  directory: NetworkDirectory,
): Decision | undefined {
  if (packet.protocol !== PROTOCOL.icmpv6 || packet.version !== 6) {
    return undefined
  }
  const message = icmpv6.parse(packet.payload, packet)
  switch (message?.kind) {
    case 'router-solicitation':
    case 'neighbour-solicitation':
    case 'neighbour-advertisement':
      return answerNeighbour(frame, packet, message, directory)
    default:
      return undefined
  }
}

function gatewayDecision(
  frame: EthernetFrame,
  packet: IpPacket,
  { directory }: SlowPathContext,
): Decision {
  const toGateway = directory.isGateway(packet.destination)
  if (!toGateway || isGroupMac(frame.destination)) {
    return ignore('not-for-gateway')
  }
  if (!isHostIp(packet.source)) return ignore('bad-source')
  if (packet.protocol === PROTOCOL.udp) {
    return answerDatagram(frame, packet)
  }
  if (packet.protocol === PROTOCOL.tcp) return answerTcp(frame, packet)
  const icmp = packet.version === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6
  if (packet.protocol !== icmp) return ignore('unsupported')
  return answerEcho(frame, packet)
}

function answerDatagram(frame: EthernetFrame, packet: IpPacket): Decision {
  const datagram = udp.parse(packet.payload, packet)
  if (datagram === undefined) return ignore('malformed')
  return datagram.destinationPort === DNS_PORT
    ? answerDns(frame, packet, datagram)
    : refusePort(frame, packet)
}

function isHostMac(mac: string): boolean {
  return mac !== '00:00:00:00:00:00' && !isGroupMac(mac)
}
