import type { EthernetFrame } from '../codec/ethernet.js'
import * as icmpv4 from '../codec/icmpv4.js'
import * as icmpv6 from '../codec/icmpv6.js'
import { ignore, reply } from './decision.js'
import type { Decision } from './decision.js'
import { returnEnds, returnFrame } from './ip-packet.js'
import type { IpPacket } from './ip-packet.js'

/**
 * Answers a ping of the gateway address (RFC 1122 section 3.2.2.6, RFC 4443
 * section 4.2) with the data it came with. IPv4 options are not sent back.
 */
export function answerEcho(frame: EthernetFrame, packet: IpPacket): Decision {
  const request =
    packet.version === 4
      ? icmpv4.parse(packet.payload)
      : icmpv6.parse(packet.payload, packet)
  if (request?.kind !== 'echo-request') return ignore('unsupported')
  const answer = { ...request, kind: 'echo-reply' } as const
  const payload =
    packet.version === 4
      ? icmpv4.emit(answer)
      : icmpv6.emit(answer, returnEnds(packet))
  return reply(returnFrame(frame, packet, packet.protocol, payload))
}
