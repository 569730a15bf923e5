import test from 'ava'
import fc from 'fast-check'
import { segmentChecksum } from '../../../src/codec/checksum.js'
import { PROTOCOL } from '../../../src/codec/ipv4.js'
import * as tcp from '../../../src/codec/tcp.js'
import { anyEnds4, anyEnds6, anyPayload, anyPort } from './arbitraries.js'

const anySequence = fc.integer({ min: 0, max: 0xffffffff })
const anySegment: fc.Arbitrary<tcp.TcpSegment> = fc.record(
  {
    sourcePort: anyPort,
    destinationPort: anyPort,
    sequence: anySequence,
    acknowledgement: anySequence,
    syn: fc.boolean(),
    ack: fc.boolean(),
    fin: fc.boolean(),
    rst: fc.boolean(),
    window: anyPort,
    mss: anyPort,
    payload: anyPayload,
  },
  {
    requiredKeys: [
      ...(['sourcePort', 'destinationPort', 'sequence'] as const),
      ...(['acknowledgement', 'syn', 'ack', 'fin', 'rst'] as const),
      ...(['window', 'payload'] as const),
    ],
  },
)

for (const [family, anyEnds] of [
  ['IPv4', anyEnds4],
  ['IPv6', anyEnds6],
] as const) {
  test(`a segment over ${family} is read as it was written`, (t) => {
    fc.assert(
      fc.property(anySegment, anyEnds, (segment, ends) => {
        t.deepEqual(tcp.parse(tcp.emit(segment, ends), ends), segment)
      }),
    )
  })
}

const ends = { source: '10.0.0.2', destination: '10.0.0.1' }

/** What Linux 6.1 sends to begin a connection, from port 40000 to 53. */
const linuxSyn =
  '9c400035 12345678 00000000 a002fd5c 00000000 020405aa 0402080a 0011223300000000 01030307'

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  bytes.set([0, 0], 16)
  const sum = segmentChecksum(ends, PROTOCOL.tcp, bytes)
  bytes.set([sum >> 8, sum], 16)
  return bytes
}

test('the segment size is found among other options', (t) => {
  t.like(tcp.parse(bytesOf(linuxSyn), ends), {
    sourcePort: 40_000,
    destinationPort: 53,
    sequence: 0x12345678,
    syn: true,
    ack: false,
    window: 0xfd5c,
    mss: 1450,
  })
})

for (const [what, options] of [
  ['none', ''],
  ['an end before it', '00000000 020405aa'],
  ['a length of 0', '0300 0101 020405aa'],
  ['a length past the end', '01010308'],
  ['cut off', '01010102'],
] as const) {
  test(`there is no segment size: ${what}`, (t) => {
    const length = options.replaceAll(' ', '').length / 2
    const offset = ((20 + length) / 4).toString(16)
    const header = `9c400035 00000001 00000000 ${offset}002fd5c 00000000`
    const segment = tcp.parse(bytesOf(`${header} ${options}`), ends)
    t.true(segment?.syn)
    t.is(segment?.mss, undefined)
  })
}

test('a wrong checksum, or an offset outside, is no segment', (t) => {
  const good = bytesOf(linuxSyn)
  t.is(
    tcp.parse(
      good.map((byte, at) => (at === 4 ? 0 : byte)),
      ends,
    ),
    undefined,
  )
  for (const offset of ['4', 'f']) {
    const text = linuxSyn.replace('a002', `${offset}002`)
    t.is(tcp.parse(bytesOf(text), ends), undefined)
  }
})
