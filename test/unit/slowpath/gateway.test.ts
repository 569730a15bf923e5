import test from 'ava'
import { checksum } from '../../../src/codec/checksum.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import * as icmpv4 from '../../../src/codec/icmpv4.js'
import * as icmpv6 from '../../../src/codec/icmpv6.js'
import * as tcp from '../../../src/codec/tcp.js'
import * as udp from '../../../src/codec/udp.js'
import { parseIpPacket } from '../../../src/slowpath/ip-packet.js'
import { decide } from '../../../src/slowpath/slow-path.js'
import {
  echoRequest,
  ipFrame,
  neighbourSolicitation,
  tcpFrame,
  udpFrame,
} from '../../support/frames.js'
import type { Station } from '../../support/frames.js'
import { contextOf, host, upcall } from './fixtures.js'

const families = [
  {
    family: 'IPv4',
    asker: { mac: host(2).mac, ip: host(2).v4 },
    gateway: { mac: '02:42:0a:00:00:01', ip: '10.0.0.1' },
    elsewhere: '10.0.0.77',
    unspecified: '0.0.0.0',
  },
  {
    family: 'IPv6',
    asker: { mac: host(2).mac, ip: host(2).v6 },
    gateway: { mac: '02:42:00:00:00:01', ip: 'fd00::1' },
    elsewhere: 'fd00::77',
    unspecified: '::',
  },
] as const

function decisionOn(frame: Uint8Array) {
  return decide(upcall(frame, 'gateway'), contextOf())
}

/** The packet of the reply, after checking that it goes from one to the other. */
function replyPacket(frame: Uint8Array, from: Station, to: Station) {
  const decision = decisionOn(frame)
  if (decision.kind !== 'reply') {
    throw new Error(`no reply but ${JSON.stringify(decision)}`)
  }
  return packetOf(decision.frame, from, to)
}

function packetOf(frame: Uint8Array, from: Station, to: Station) {
  const reply = ethernet.parse(frame)
  const packet = reply && parseIpPacket(reply)
  if (packet === undefined) throw new Error('the reply holds no IP packet')
  const ends = [reply?.source, packet.source, reply?.destination]
  if (
    [...ends, packet.destination].join() !==
    [from.mac, from.ip, to.mac, to.ip].join()
  ) {
    throw new Error(`reply from and to the wrong ends: ${ends.join()}`)
  }
  return packet
}

const ignored = (reason: string) => ({ kind: 'ignore', reason })

for (const { family, asker, gateway, elsewhere, unspecified } of families) {
  test(`${family}: the gateway answers a ping with the same data`, (t) => {
    const data = Uint8Array.from({ length: 1400 }, (_, index) => index)
    const packet = replyPacket(
      echoRequest(asker, gateway, data),
      gateway,
      asker,
    )
    const message =
      family === 'IPv4'
        ? icmpv4.parse(packet.payload)
        : icmpv6.parse(packet.payload, packet)
    t.deepEqual(message, {
      kind: 'echo-reply',
      identifier: 7,
      sequence: 1,
      data,
    })
    t.is(packet.hopLimit, 64)
  })

  test(`${family}: a DNS query is passed on, with the way back`, (t) => {
    const query = Uint8Array.of(1, 2, 3)
    const frame = udpFrame(asker, gateway, 53, query)
    const decision = decisionOn(frame)
    if (decision.kind !== 'dns') throw new Error('it is not passed on')
    t.deepEqual(Uint8Array.from(decision.query), query)
    // An answer may come when the frame is gone.
    frame.fill(0)
    const answer = decision.answer(Uint8Array.of(4, 5))
    const packet = packetOf(answer, gateway, asker)
    const datagram = udp.parse(packet.payload, packet)
    t.like(datagram, { sourcePort: 53, destinationPort: 40_000 })
    t.deepEqual(Uint8Array.from(datagram?.payload ?? []), Uint8Array.of(4, 5))
  })

  test(`${family}: other datagrams are refused, with their beginning`, (t) => {
    const frame = udpFrame(asker, gateway, 9999, new Uint8Array(1400).fill(7))
    const packet = replyPacket(frame, gateway, asker)
    const message =
      family === 'IPv4'
        ? icmpv4.parse(packet.payload)
        : icmpv6.parse(packet.payload, packet)
    t.is(message?.kind, 'unreachable')
    if (message?.kind !== 'unreachable') return
    t.is(message.code, family === 'IPv4' ? 3 : 4)
    const { length } = message.original
    t.is(length, family === 'IPv4' ? 548 : 1232)
    t.deepEqual(message.original, frame.slice(14, 14 + length))
  })

  test(`${family}: a connection to a port but 53 is refused`, (t) => {
    const decision = decisionOn(tcpFrame(asker, gateway, 80, { sequence: 99 }))
    if (decision.kind !== 'reply') return t.fail()
    const back = ethernet.parse(decision.frame)
    const packet = back && parseIpPacket(back)
    const segment = packet && tcp.parse(packet.payload, packet)
    t.like(back, { destination: asker.mac, source: gateway.mac })
    t.like(packet, { source: gateway.ip, destination: asker.ip })
    t.like(segment, {
      ...{ sourcePort: 80, destinationPort: 40_000 },
      ...{ rst: true, ack: true, syn: false, acknowledgement: 100 },
    })
  })

  test(`${family}: a segment to port 53 is passed on, with the way back`, (t) => {
    const decision = decisionOn(tcpFrame(asker, gateway, 53, { sequence: 99 }))
    if (decision.kind !== 'tcp') return t.fail()
    t.is(decision.peer, `${asker.ip} 40000 ${gateway.ip}`)
    t.like(decision.segment, { syn: true, sequence: 99 })
    const back = ethernet.parse(decision.frameOf(decision.segment))
    const packet = back && parseIpPacket(back)
    t.like(back, { destination: asker.mac, source: gateway.mac })
    t.like(packet && tcp.parse(packet.payload, packet), {
      ...{ sourcePort: 53, destinationPort: 40_000, sequence: 99 },
    })
  })

  for (const { description, frame, reason } of [
    {
      description: 'a ping of an address behind the gateway',
      frame: echoRequest(asker, { ...gateway, ip: elsewhere }),
      reason: 'not-for-gateway',
    },
    {
      description: 'a ping sent to everybody',
      frame: echoRequest(asker, { ...gateway, mac: 'ff:ff:ff:ff:ff:ff' }),
      reason: 'not-for-gateway',
    },
    {
      description: 'a ping from no address',
      frame: echoRequest({ ...asker, ip: unspecified }, gateway),
      reason: 'bad-source',
    },
    {
      description: 'a ping from a group MAC',
      frame: echoRequest({ ...asker, mac: '33:33:00:00:00:01' }, gateway),
      reason: 'bad-source',
    },
    {
      description: 'SCTP',
      frame: ipFrame(asker, gateway, 132, new Uint8Array(20)),
      reason: 'unsupported',
    },
    {
      description: 'TCP with a wrong checksum',
      frame: damaged(tcpFrame(asker, gateway, 53)),
      reason: 'malformed',
    },
    {
      description: 'a refusal by TCP',
      frame: tcpFrame(asker, gateway, 80, { rst: true }),
      reason: 'unsupported',
    },
    {
      description: 'UDP with a wrong checksum',
      frame: damaged(udpFrame(asker, gateway, 53, Uint8Array.of(1, 2, 3))),
      reason: 'malformed',
    },
    {
      description: 'ICMP with a wrong checksum',
      frame: damaged(echoRequest(asker, gateway)),
      reason: 'unsupported',
    },
  ]) {
    test(`${family}: ${description} is ignored as ${reason}`, (t) => {
      t.deepEqual(decisionOn(frame), ignored(reason))
    })
  }
}

function damaged(frame: Uint8Array): Uint8Array {
  frame.set([(frame.at(-1) ?? 0) ^ 1], frame.length - 1)
  return frame
}

const [v4, v6] = families

test('fragments are ignored, the first and the others', (t) => {
  for (const flagsAndOffset of [0x2000, 0x0001]) {
    const frame = echoRequest(v4.asker, v4.gateway)
    const header = frame.subarray(14, 34)
    header.set([flagsAndOffset >> 8, flagsAndOffset & 0xff, 64, 1, 0, 0], 6)
    const sum = checksum(header)
    header.set([sum >> 8, sum & 0xff], 10)
    t.deepEqual(decisionOn(frame), ignored('fragment'))
  }
  const fragment = ipFrame(v6.asker, v6.gateway, 44, new Uint8Array(16))
  t.deepEqual(decisionOn(fragment), ignored('fragment'))
})

test('a solicitation sent straight to the gateway’s MAC is answered', (t) => {
  const frame = neighbourSolicitation(v6.asker, v6.gateway.ip)
  frame.set(Buffer.from(v6.gateway.mac.replaceAll(':', ''), 'hex'))
  t.is(decisionOn(frame).kind, 'reply')
})
