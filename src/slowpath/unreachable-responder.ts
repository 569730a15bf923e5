import type { EthernetFrame } from '../codec/ethernet.js'
import * as icmpv4 from '../codec/icmpv4.js'
import * as icmpv6 from '../codec/icmpv6.js'
import { PROTOCOL } from '../codec/ipv4.js'
import { reply } from './decision.js'
import type { Decision } from './decision.js'
import { quoted } from './icmp-error.js'
import { returnEnds, returnFrame } from './ip-packet.js'
import type { IpPacket } from './ip-packet.js'

/**
 * Tells the sender of a datagram that nothing listens on that port of the
 * gateway address, so that it fails at once instead of waiting.
 */
export function refusePort(frame: EthernetFrame, packet: IpPacket): Decision {
  const original = quoted(frame.payload, packet.version)
  const message = { kind: 'unreachable', original } as const
  if (packet.version === 4) {
    const payload = icmpv4.emit({ ...message, code: icmpv4.PORT_UNREACHABLE })
    return reply(returnFrame(frame, packet, PROTOCOL.icmp, payload))
  }
  const payload = icmpv6.emit(
    { ...message, code: icmpv6.PORT_UNREACHABLE },
    returnEnds(packet),
  )
  return reply(returnFrame(frame, packet, PROTOCOL.icmpv6, payload))
}
