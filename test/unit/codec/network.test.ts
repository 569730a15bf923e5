import test from 'ava'
import fc from 'fast-check'
import { checksum } from '../../../src/codec/checksum.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import * as ipv4 from '../../../src/codec/ipv4.js'
import * as ipv6 from '../../../src/codec/ipv6.js'
import { anyByte, anyEnds4, anyEnds6, anyPayload } from './arbitraries.js'
import { captured } from './captured-frames.js'
import type { CapturedFrame } from './captured-frames.js'

const packetOf = (frame: CapturedFrame) =>
  captured(frame).subarray(ethernet.HEADER_LENGTH)

/** With the header checksum set right again after a change. */
function resealed(packet: Uint8Array): Uint8Array {
  const view = new DataView(packet.buffer, packet.byteOffset)
  view.setUint16(10, 0)
  view.setUint16(10, checksum(packet.subarray(0, ((packet[0] ?? 0) & 15) * 4)))
  return packet
}

test('the checksum is that of the example in RFC 1071 section 3', (t) => {
  const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)
  t.is(checksum(example), ~0xddf2 & 0xffff)
})

test('an odd last byte counts as if a zero followed', (t) => {
  t.is(checksum(Uint8Array.of(1, 2, 3)), checksum(Uint8Array.of(1, 2, 3, 0)))
})

test('the largest packet of ones does not overflow the sum', (t) => {
  t.is(checksum(new Uint8Array(65_536).fill(0xff)), 0)
})

test('an IPv4 packet is read', (t) => {
  t.like(ipv4.parse(packetOf('echoRequest')), {
    source: '10.0.0.2',
    destination: '10.0.0.3',
    protocol: ipv4.PROTOCOL.icmp,
    ttl: 64,
    fragment: false,
  })
})

test('an IPv6 packet is read', (t) => {
  t.like(ipv6.parse(packetOf('echoRequest6')), {
    source: 'fd00::2',
    destination: 'fd00::3',
    nextHeader: ipv4.PROTOCOL.icmpv6,
    hopLimit: 64,
  })
})

test('IPv4 options are skipped', (t) => {
  const packet = ipv4.parse(packetOf('udpWithRouterAlert'))
  t.is(packet?.payload.length, 11)
})

test('fragments are told from whole packets', (t) => {
  t.true(ipv4.parse(packetOf('lastFragment'))?.fragment)
  const first = packetOf('echoRequest')
  first[6] = 0x20
  t.true(ipv4.parse(resealed(first))?.fragment)
  t.false(ipv4.parse(packetOf('udp'))?.fragment)
})

test('bytes after the end of a packet are not payload', (t) => {
  for (const frame of ['echoRequest', 'echoRequest6'] as const) {
    const codec = frame === 'echoRequest' ? ipv4 : ipv6
    const padded = Uint8Array.of(...packetOf(frame), 1, 2, 3)
    t.deepEqual(codec.parse(padded), codec.parse(packetOf(frame)))
  }
})

for (const { description, bytes, offset } of [
  { description: 'version 6', bytes: [0x65], offset: 0 },
  { description: 'a header of 16 bytes', bytes: [0x44], offset: 0 },
  { description: 'options past the end', bytes: [0x4f], offset: 0 },
  { description: 'a length past the end', bytes: [0xff], offset: 2 },
  { description: 'a length below the header', bytes: [0, 8], offset: 2 },
]) {
  test(`an IPv4 packet with ${description} does not parse`, (t) => {
    const packet = packetOf('echoRequest')
    packet.set(bytes, offset)
    t.is(ipv4.parse(resealed(packet)), undefined)
  })
}

test('an IPv4 packet with a wrong header checksum does not parse', (t) => {
  const packet = packetOf('echoRequest')
  packet[8] = 63
  t.is(ipv4.parse(packet), undefined)
})

test('an IPv6 packet of another version or cut short does not parse', (t) => {
  const other = packetOf('echoRequest6')
  other[0] = 0x40
  t.is(ipv6.parse(other), undefined)
  t.is(ipv6.parse(packetOf('echoRequest6').subarray(0, -1)), undefined)
})

test('every packet that is written reads the same', (t) => {
  const contents = fc.record({
    protocol: anyByte,
    ttl: anyByte,
    payload: anyPayload,
  })
  fc.assert(
    fc.property(anyEnds4, anyEnds6, contents, (ends4, ends6, content) => {
      const { protocol, ttl, payload } = content
      const packet4 = { ...ends4, protocol, ttl, payload }
      t.deepEqual(ipv4.parse(ipv4.emit(packet4)), {
        ...packet4,
        fragment: false,
      })
      const packet6 = { ...ends6, nextHeader: protocol, hopLimit: ttl, payload }
      t.deepEqual(ipv6.parse(ipv6.emit(packet6)), packet6)
    }),
  )
})
