import test from 'ava'
import fc from 'fast-check'
import { segmentChecksum } from '../../../src/codec/checksum.js'
import type { Ends } from '../../../src/codec/checksum.js'
import * as icmpv4 from '../../../src/codec/icmpv4.js'
import * as icmpv6 from '../../../src/codec/icmpv6.js'
import * as ipv4 from '../../../src/codec/ipv4.js'
import * as ipv6 from '../../../src/codec/ipv6.js'
import * as udp from '../../../src/codec/udp.js'
import {
  anyEnds4,
  anyEnds6,
  anyIpv6,
  anyMac,
  anyPayload,
  anyPort,
} from './arbitraries.js'
import { captured } from './captured-frames.js'
import type { CapturedFrame } from './captured-frames.js'

/** The segment of a captured frame, and the addresses around it. */
function segmentOf(frame: CapturedFrame) {
  const bytes = captured(frame).subarray(14)
  const packet = ipv4.parse(bytes) ?? ipv6.parse(bytes)
  if (packet === undefined) throw new Error(`${frame} does not parse`)
  const { source, destination, payload } = packet
  return { ends: { source, destination }, segment: payload }
}

const linkLayer2 = '02:42:0a:00:00:02'
const linkLayer3 = '02:42:0a:00:00:03'

for (const { frame, expected } of [
  { frame: 'echoRequest', expected: { kind: 'echo-request', sequence: 1 } },
  { frame: 'echoReply', expected: { kind: 'echo-reply', identifier: 0x1ea4 } },
  { frame: 'portUnreachable', expected: { kind: 'unreachable', code: 3 } },
] as const) {
  test(`ICMP: a captured ${frame} is read and written again`, (t) => {
    const { segment } = segmentOf(frame)
    const message = icmpv4.parse(segment)
    t.like(message, expected)
    if (message !== undefined) t.deepEqual(icmpv4.emit(message), segment)
  })
}

for (const { frame, expected } of [
  { frame: 'echoRequest6', expected: { kind: 'echo-request', sequence: 1 } },
  { frame: 'echoReply6', expected: { kind: 'echo-reply', identifier: 0x1ea5 } },
  { frame: 'portUnreachable6', expected: { kind: 'unreachable', code: 4 } },
  {
    frame: 'solicitation',
    expected: {
      kind: 'neighbour-solicitation',
      target: 'fd00::3',
      linkLayer: linkLayer2,
    },
  },
  {
    frame: 'advertisement',
    expected: {
      kind: 'neighbour-advertisement',
      target: 'fd00::3',
      linkLayer: linkLayer3,
      router: false,
      solicited: true,
      override: true,
    },
  },
  {
    frame: 'routerSolicitation',
    expected: { kind: 'router-solicitation', linkLayer: linkLayer2 },
  },
] as const) {
  test(`ICMPv6: a captured ${frame} is read and written again`, (t) => {
    const { ends, segment } = segmentOf(frame)
    const message = icmpv6.parse(segment, ends)
    t.like(message, expected)
    if (message !== undefined) t.deepEqual(icmpv6.emit(message, ends), segment)
  })
}

/** Made with Python's struct module, checksums too. */
const tooBig = {
  v4: '0304a8a300000546450005785e2f4000401106440a0000020a0000030001020304050607',
  v6: '0200799a000005466000000005501140fd000000000000000000000000000002fd000000000000000000000000000003000102030405060708',
} as const

test('ICMP: that a packet is too big is read and written again', (t) => {
  const bytes = Uint8Array.from(Buffer.from(tooBig.v4, 'hex'))
  const message = icmpv4.parse(bytes)
  const original = bytes.subarray(8)
  t.deepEqual(message, { kind: 'too-big', mtu: 1350, original })
  if (message !== undefined) t.deepEqual(icmpv4.emit(message), bytes)
})

test('ICMPv6: that a packet is too big is read and written again', (t) => {
  const ends = { source: 'fd00::1', destination: 'fd00::2' }
  const bytes = Uint8Array.from(Buffer.from(tooBig.v6, 'hex'))
  const message = icmpv6.parse(bytes, ends)
  const original = bytes.subarray(8)
  t.deepEqual(message, { kind: 'too-big', mtu: 1350, original })
  if (message !== undefined) t.deepEqual(icmpv6.emit(message, ends), bytes)
})

test('options that are not a link-layer address are skipped', (t) => {
  const { ends, segment } = segmentOf('duplicateDetection')
  t.deepEqual(icmpv6.parse(segment, ends), {
    kind: 'neighbour-solicitation',
    target: 'fd00::2',
    linkLayer: undefined,
  })
})

for (const { description, options } of [
  { description: 'of length 0', options: [1, 0, 0, 0, 0, 0, 0, 0] },
  { description: 'that is cut off', options: [1, 2, 0, 0, 0, 0, 0, 0] },
  { description: 'of one byte', options: [1] },
]) {
  test(`a solicitation with an option ${description} does not parse`, (t) => {
    const { ends, segment } = segmentOf('solicitation')
    const bytes = Uint8Array.of(...segment.subarray(0, 24), ...options)
    t.is(icmpv6.parse(resealed(bytes, ends), ends), undefined)
  })
}

/** With the ICMPv6 checksum set right again after a change. */
function resealed(bytes: Uint8Array, ends: Ends): Uint8Array {
  bytes.set([0, 0], 2)
  const sum = segmentChecksum(ends, ipv4.PROTOCOL.icmpv6, bytes)
  bytes.set([sum >> 8, sum], 2)
  return bytes
}

for (const frame of ['udp', 'udp6'] as const) {
  test(`UDP: a captured ${frame} is read and written again`, (t) => {
    const { ends, segment } = segmentOf(frame)
    const payload = Uint8Array.from(Buffer.from('hello'))
    const datagram = { sourcePort: 40_000, destinationPort: 53, payload }
    t.deepEqual(udp.parse(segment, ends), datagram)
    t.deepEqual(udp.emit(datagram, ends), segment)
  })
}

test('UDP without a checksum is accepted over IPv4 and not over IPv6', (t) => {
  for (const { frame, accepted } of [
    { frame: 'udp', accepted: true },
    { frame: 'udp6', accepted: false },
  ] as const) {
    const { ends, segment } = segmentOf(frame)
    segment.set([0, 0], 6)
    t.is(udp.parse(segment, ends) !== undefined, accepted)
  }
})

test('UDP with a length below its header or past the end does not parse', (t) => {
  for (const length of [7, 14]) {
    const { ends, segment } = segmentOf('udp')
    segment.set([0, length, 0, 0], 4)
    t.is(udp.parse(segment, ends), undefined)
  }
})

for (const frame of ['echoRequest', 'echoRequest6', 'udp', 'udp6'] as const) {
  test(`a ${frame} with one bit flipped does not parse`, (t) => {
    const { ends, segment } = segmentOf(frame)
    const parse = { icmp: icmpv4.parse, icmp6: icmpv6.parse, udp: udp.parse }
    const key = frame.startsWith('udp')
      ? 'udp'
      : frame === 'echoRequest'
        ? 'icmp'
        : 'icmp6'
    segment.set([(segment.at(-1) ?? 0) ^ 1], segment.length - 1)
    t.is(parse[key](segment, ends), undefined)
  })
}

const anyEcho = fc.record({
  kind: fc.constantFrom('echo-request' as const, 'echo-reply' as const),
  identifier: anyPort,
  sequence: anyPort,
  data: anyPayload,
})
const maybeMac = fc.option(anyMac, { nil: undefined })
const anyNeighbour = fc.oneof(
  fc.record({
    kind: fc.constant('neighbour-solicitation' as const),
    target: anyIpv6,
    linkLayer: maybeMac,
  }),
  fc.record({
    kind: fc.constant('neighbour-advertisement' as const),
    target: anyIpv6,
    linkLayer: maybeMac,
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
  }),
)
const anyDatagram = fc.record({
  sourcePort: anyPort,
  destinationPort: anyPort,
  payload: anyPayload,
})

test('every message that is written reads the same', (t) => {
  fc.assert(
    fc.property(anyEnds6, anyEcho, anyNeighbour, (ends, echo, neighbour) => {
      t.deepEqual(icmpv4.parse(icmpv4.emit(echo)), echo)
      t.deepEqual(icmpv6.parse(icmpv6.emit(echo, ends), ends), echo)
      const written = icmpv6.emit(neighbour, ends)
      t.deepEqual(icmpv6.parse(written, ends), neighbour)
    }),
  )
})

test('every datagram that is written reads the same', (t) => {
  fc.assert(
    fc.property(fc.oneof(anyEnds4, anyEnds6), anyDatagram, (ends, datagram) => {
      t.deepEqual(udp.parse(udp.emit(datagram, ends), ends), datagram)
    }),
  )
})

test('a checksum that comes out as 0 is sent as ffff', (t) => {
  const ends = { source: '0.0.0.0', destination: '0.0.0.0' }
  const empty = { sourcePort: 0, destinationPort: 0 }
  const unsealed = udp.emit({ ...empty, payload: new Uint8Array(2) }, ends)
  const payload = unsealed.slice(6, 8)
  t.deepEqual(
    [...udp.emit({ ...empty, payload }, ends).slice(6, 8)],
    [255, 255],
  )
})
