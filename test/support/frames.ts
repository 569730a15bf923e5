import * as arp from '../../src/codec/arp.js'
import type { ArpPacket } from '../../src/codec/arp.js'
import * as ethernet from '../../src/codec/ethernet.js'
import * as icmpv4 from '../../src/codec/icmpv4.js'
import * as icmpv6 from '../../src/codec/icmpv6.js'
import type { Icmpv6Message } from '../../src/codec/icmpv6.js'
import { PROTOCOL } from '../../src/codec/ipv4.js'
import * as ipv4 from '../../src/codec/ipv4.js'
import * as ipv6 from '../../src/codec/ipv6.js'
import * as tcp from '../../src/codec/tcp.js'
import type { TcpSegment } from '../../src/codec/tcp.js'
import * as udp from '../../src/codec/udp.js'
import { ipToBytes, ipVersion } from '../../src/net/ip.js'
import { BROADCAST_MAC } from '../../src/net/mac.js'

/** One end of a conversation. */
export interface Station {
  readonly mac: string
  readonly ip: string
}

/** An ARP request as a kernel broadcasts it; `change` overrides fields. */
export function arpRequest(
  from: Station,
  targetIp: string,
  change: Partial<ArpPacket> = {},
): Uint8Array {
  return ethernet.emit({
    destination: BROADCAST_MAC,
    source: from.mac,
    etherType: ethernet.ETHER_TYPE.arp,
    payload: arp.emit({
      operation: 'request',
      senderMac: from.mac,
      senderIp: from.ip,
      targetMac: '00:00:00:00:00:00',
      targetIp,
      ...change,
    }),
  })
}

/** An IP packet of the ends' version. */
export function ipFrame(
  from: Station,
  to: Station,
  protocol: number,
  payload: Uint8Array,
  hopLimit = 64,
): Uint8Array {
  const ends = { source: from.ip, destination: to.ip }
  const isIpv4 = ipVersion(to.ip) === 4
  return ethernet.emit({
    destination: to.mac,
    source: from.mac,
    etherType: isIpv4 ? ethernet.ETHER_TYPE.ipv4 : ethernet.ETHER_TYPE.ipv6,
    payload: isIpv4
      ? ipv4.emit({ ...ends, protocol, ttl: hopLimit, payload })
      : ipv6.emit({ ...ends, nextHeader: protocol, hopLimit, payload }),
  })
}

export function icmpv6Frame(
  from: Station,
  to: Station,
  message: Icmpv6Message,
  hopLimit = 255,
): Uint8Array {
  const ends = { source: from.ip, destination: to.ip }
  const payload = icmpv6.emit(message, ends)
  return ipFrame(from, to, PROTOCOL.icmpv6, payload, hopLimit)
}

/** Where a solicitation for this address is sent (RFC 4291 section 2.7.1). */
export function solicitedNode(target: string): Station {
  const [a, b, c] = Array.from(ipToBytes(target).slice(-3), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ) as [string, string, string]
  return { ip: `ff02::1:ff${a}:${b}${c}`, mac: `33:33:ff:${a}:${b}:${c}` }
}

/** A neighbour solicitation; from `::`, it is duplicate address detection. */
export function neighbourSolicitation(
  from: Station,
  target: string,
  hopLimit = 255,
): Uint8Array {
  const linkLayer = from.ip === '::' ? undefined : from.mac
  return icmpv6Frame(
    from,
    solicitedNode(target),
    { kind: 'neighbour-solicitation', target, linkLayer },
    hopLimit,
  )
}

export function echoRequest(
  from: Station,
  to: Station,
  data = Uint8Array.of(1, 2, 3),
): Uint8Array {
  const echo = { kind: 'echo-request', identifier: 7, sequence: 1 } as const
  if (ipVersion(to.ip) === 6)
    return icmpv6Frame(from, to, { ...echo, data }, 64)
  return ipFrame(from, to, PROTOCOL.icmp, icmpv4.emit({ ...echo, data }))
}

export function udpFrame(
  from: Station,
  to: Station,
  destinationPort: number,
  payload: Uint8Array,
): Uint8Array {
  const ends = { source: from.ip, destination: to.ip }
  const datagram = { sourcePort: 40_000, destinationPort, payload }
  return ipFrame(from, to, PROTOCOL.udp, udp.emit(datagram, ends))
}

/** The first segment of a connection; `change` overrides fields. */
export function tcpFrame(
  from: Station,
  to: Station,
  destinationPort: number,
  change: Partial<TcpSegment> = {},
): Uint8Array {
  const ends = { source: from.ip, destination: to.ip }
  const segment: TcpSegment = {
    ...{ sourcePort: 40_000, destinationPort },
    ...{ sequence: 1, acknowledgement: 0, window: 64_240, mss: 1410 },
    ...{ syn: true, ack: false, fin: false, rst: false },
    payload: new Uint8Array(),
    ...change,
  }
  return ipFrame(from, to, PROTOCOL.tcp, tcp.emit(segment, ends))
}
