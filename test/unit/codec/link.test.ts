import test from 'ava'
import fc from 'fast-check'
import * as arp from '../../../src/codec/arp.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import { anyIpv4, anyMac } from './arbitraries.js'
import { captured } from './captured-frames.js'

test('an Ethernet header is read', (t) => {
  const frame = ethernet.parse(captured('arpRequest'))
  t.is(frame?.destination, 'ff:ff:ff:ff:ff:ff')
  t.is(frame?.source, '02:42:0a:00:00:02')
  t.is(frame?.etherType, ethernet.ETHER_TYPE.arp)
  t.is(frame?.payload.length, arp.HEADER_LENGTH)
})

for (const { frame, expected } of [
  {
    frame: 'arpRequest',
    expected: {
      operation: 'request',
      senderMac: '02:42:0a:00:00:02',
      senderIp: '10.0.0.2',
      targetMac: '00:00:00:00:00:00',
      targetIp: '10.0.0.3',
    },
  },
  {
    frame: 'arpReply',
    expected: {
      operation: 'reply',
      senderMac: '02:42:0a:00:00:03',
      senderIp: '10.0.0.3',
      targetMac: '02:42:0a:00:00:02',
      targetIp: '10.0.0.2',
    },
  },
] as const) {
  test(`a captured ${frame} is read and written again`, (t) => {
    const bytes = captured(frame)
    const parsed = ethernet.parse(bytes)
    t.truthy(parsed)
    if (parsed === undefined) return
    t.deepEqual(arp.parse(parsed.payload), expected)
    const payload = arp.emit(expected)
    t.deepEqual(ethernet.emit({ ...parsed, payload }), bytes)
  })
}

test('padding after an ARP packet is ignored', (t) => {
  const packet = captured('arpRequest').subarray(ethernet.HEADER_LENGTH)
  t.deepEqual(
    arp.parse(Uint8Array.of(...packet, ...new Uint8Array(18))),
    arp.parse(packet),
  )
})

for (const { offset, value, description } of [
  { offset: 1, value: 6, description: 'hardware that is not Ethernet' },
  { offset: 3, value: 1, description: 'a protocol that is not IPv4' },
  { offset: 4, value: 8, description: 'hardware addresses of 8 bytes' },
  { offset: 5, value: 16, description: 'protocol addresses of 16 bytes' },
  { offset: 7, value: 3, description: 'a reverse request' },
]) {
  test(`ARP for ${description} does not parse`, (t) => {
    const packet = captured('arpRequest').subarray(ethernet.HEADER_LENGTH)
    packet[offset] = value
    t.is(arp.parse(packet), undefined)
  })
}

test('every Ethernet frame and ARP packet that is written reads the same', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        destination: anyMac,
        source: anyMac,
        etherType: fc.integer({ min: 0, max: 0xffff }),
        payload: fc.uint8Array(),
      }),
      fc.record({
        operation: fc.constantFrom('request' as const, 'reply' as const),
        senderMac: anyMac,
        senderIp: anyIpv4,
        targetMac: anyMac,
        targetIp: anyIpv4,
      }),
      (frame, packet) => {
        t.deepEqual(ethernet.parse(ethernet.emit(frame)), frame)
        t.deepEqual(arp.parse(arp.emit(packet)), packet)
      },
    ),
  )
})
