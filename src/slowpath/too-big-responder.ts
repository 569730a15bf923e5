import type { Ends } from '../codec/checksum.js'
import * as ethernet from '../codec/ethernet.js'
import type { EthernetFrame } from '../codec/ethernet.js'
import * as icmpv4 from '../codec/icmpv4.js'
import * as icmpv6 from '../codec/icmpv6.js'
import * as ipv4 from '../codec/ipv4.js'
import { PROTOCOL } from '../codec/ipv4.js'
import * as ipv6 from '../codec/ipv6.js'
import { isGroupIp, isHostIp } from '../net/ip.js'
import { isGroupMac } from '../net/mac.js'
import { ignore, reply } from './decision.js'
import type { Decision } from './decision.js'
import type { NetworkDirectory } from './directory.js'
import { quoted } from './icmp-error.js'
import { replyFrame } from './ip-packet.js'

/**
 * Tells the sender of a packet that was dropped what size would have passed
 * (RFC 1191 section 4, RFC 4443 section 3.2), as a router on its way would: from
 * the gateway's address in its subnet, or else from where the packet went. Of
 * the frame the beginning is enough.
 *
 * The engine has decided that the packet may be answered at all: native-bindings/
 * engine/path_mtu.cc, which knows what is an error itself, or a fragment.
 */
export function answerTooBig(
  frame: EthernetFrame,
  mtu: number,
  directory: NetworkDirectory,
): Decision {
  const isV4 = frame.etherType === ethernet.ETHER_TYPE.ipv4
  const { payload: packet } = frame
  const header = isV4 ? ipv4.parseHeader(packet) : ipv6.parseHeader(packet)
  if (header === undefined) return ignore('malformed')
  const { source, destination } = header
  if (isGroupIp(destination) || isGroupMac(frame.destination)) {
    return ignore('unsupported')
  }
  if (!isHostIp(source)) return ignore('bad-source')
  const teller = directory.gatewayFor(source) ?? destination
  const ends: Ends = { source: teller, destination: source }
  const message = { kind: 'too-big', mtu } as const
  if (isV4) {
    const error = icmpv4.emit({ ...message, original: quoted(packet, 4) })
    return reply(replyFrame(frame, ends, PROTOCOL.icmp, error))
  }
  const error = icmpv6.emit({ ...message, original: quoted(packet, 6) }, ends)
  return reply(replyFrame(frame, ends, PROTOCOL.icmpv6, error))
}
