import type { Ends } from '../codec/checksum.js'
import * as ethernet from '../codec/ethernet.js'
import type { EthernetFrame } from '../codec/ethernet.js'
import * as ipv4 from '../codec/ipv4.js'
import * as ipv6 from '../codec/ipv6.js'
import { ipVersion } from '../net/ip.js'
import type { IpVersion } from '../net/ip.js'

/** An IP packet of either version, as far as both are the same. */
export interface IpPacket extends Ends {
  readonly version: IpVersion
  readonly protocol: number
  readonly hopLimit: number
  readonly fragment: boolean
  readonly payload: Uint8Array
}

const IPV6_FRAGMENT_HEADER = 44
const HOP_LIMIT = 64

/** Undefined when the frame holds no well-formed IP packet. */
export function parseIpPacket(frame: EthernetFrame): IpPacket | undefined {
  if (frame.etherType === ethernet.ETHER_TYPE.ipv4) {
    const packet = ipv4.parse(frame.payload)
    return packet && { ...packet, version: 4, hopLimit: packet.ttl }
  }
  if (frame.etherType !== ethernet.ETHER_TYPE.ipv6) return undefined
  const packet = ipv6.parse(frame.payload)
  if (packet === undefined) return undefined
  const fragment = packet.nextHeader === IPV6_FRAGMENT_HEADER
  return { ...packet, version: 6, protocol: packet.nextHeader, fragment }
}

/** The addresses of an answer. */
export function returnEnds({ source, destination }: Ends): Ends {
  return { source: destination, destination: source }
}

/** A frame from whom the request went to, back to its sender. */
export function returnFrame(
  frame: EthernetFrame,
  request: IpPacket,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  return replyFrame(frame, returnEnds(request), protocol, payload)
}

/** The same from an address that may be another than what it was sent to. */
export function replyFrame(
  frame: EthernetFrame,
  ends: Ends,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const packet =
    ipVersion(ends.source) === 4
      ? ipv4.emit({ ...ends, protocol, ttl: HOP_LIMIT, payload })
      : ipv6.emit({
          ...ends,
          nextHeader: protocol,
          hopLimit: HOP_LIMIT,
          payload,
        })
  return ethernet.emit({
    destination: frame.source,
    source: frame.destination,
    etherType: frame.etherType,
    payload: packet,
  })
}
