import test from 'ava'
import { decode, encode } from 'dns-packet'
import type { Packet, Question } from 'dns-packet'
import fc from 'fast-check'
import { resolve } from '../../../src/dns/resolver.js'
import type { Resolution } from '../../../src/dns/resolver.js'
import { failureFor } from '../../../src/dns/response.js'
import { Zone } from '../../../src/dns/zone.js'
import { member, network, otherNetwork } from './fixtures.js'

const zone = new Zone(network)
zone.put(member('bbox1', ['10.0.0.2/24', 'fd00::2/64'], ['web']))
zone.put(member('bbox2', ['10.0.0.3/24'], ['web']))
const otherZone = new Zone(otherNetwork)
otherZone.put(member('bbox1', ['10.0.1.7/24']))
otherZone.put(member('bbox3', ['10.0.1.2/24']))

function query(name: string, type: string, more: Packet = {}): Uint8Array {
  const questions = [{ name, type, class: 'IN' } as Question]
  return encode({ id: 4711, flags: 0x0100, questions, ...more })
}

/** The answer as dns-packet reads it, with what its declarations leave out. */
function ask(
  message: Uint8Array,
  zones = [zone, otherZone],
  random?: () => number,
) {
  const answer = messageOf(resolve(message, zones, random && { random }))
  if (answer === undefined) throw new Error('the message was ignored')
  const { rcode } = decode(Buffer.from(answer)) as unknown as { rcode: string }
  return { ...decode(Buffer.from(answer)), rcode, length: answer.length }
}

/** Of what is not ours the refusal that an asker gets who cannot ask others. */
function messageOf(resolution: Resolution): Uint8Array | undefined {
  if (resolution.kind === 'ignore') return undefined
  if (resolution.kind === 'answer') return resolution.message
  return failureFor(resolution.query, 'REFUSED')
}

/** Of address and pointer records: `A 10.0.0.2`. */
const dataOf = (packet: Packet) =>
  (packet.answers ?? []).map((answer) =>
    'data' in answer && typeof answer.data === 'string'
      ? `${answer.type} ${answer.data}`
      : answer.type,
  )

const fd00_2 = `2.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`

for (const { name, type, rcode, expected } of [
  { name: 'bbox1', type: 'A', rcode: 'NOERROR', expected: ['A 10.0.0.2'] },
  { name: 'bbox1', type: 'AAAA', rcode: 'NOERROR', expected: ['AAAA fd00::2'] },
  {
    name: 'bbox1',
    type: 'ANY',
    rcode: 'NOERROR',
    expected: ['A 10.0.0.2', 'AAAA fd00::2'],
  },
  {
    name: 'bBoX1.oV_nEt1',
    type: 'A',
    rcode: 'NOERROR',
    expected: ['A 10.0.0.2'],
  },
  {
    name: 'web',
    type: 'A',
    rcode: 'NOERROR',
    expected: ['A 10.0.0.2', 'A 10.0.0.3'],
  },
  { name: 'bbox2', type: 'AAAA', rcode: 'NOERROR', expected: [] },
  { name: 'bbox1', type: 'MX', rcode: 'NOERROR', expected: [] },
  { name: 'bbox1', type: 'UNKNOWN_65', rcode: 'NOERROR', expected: [] },
  { name: 'bbox3', type: 'A', rcode: 'NOERROR', expected: ['A 10.0.1.2'] },
  {
    name: 'bbox1.ov_net2',
    type: 'A',
    rcode: 'NOERROR',
    expected: ['A 10.0.1.7'],
  },
  { name: '_gateway', type: 'A', rcode: 'NOERROR', expected: ['A 10.0.0.1'] },
  {
    name: '2.0.0.10.in-addr.arpa',
    type: 'PTR',
    rcode: 'NOERROR',
    expected: ['PTR bbox1.ov_net1'],
  },
  {
    name: fd00_2,
    type: 'PTR',
    rcode: 'NOERROR',
    expected: ['PTR bbox1.ov_net1'],
  },
  {
    name: '1.0.0.10.in-addr.arpa',
    type: 'PTR',
    rcode: 'NOERROR',
    expected: ['PTR _gateway.ov_net1'],
  },
  { name: '2.0.0.10.in-addr.arpa', type: 'A', rcode: 'NOERROR', expected: [] },
  {
    name: '99.0.0.10.in-addr.arpa',
    type: 'PTR',
    rcode: 'NXDOMAIN',
    expected: [],
  },
  {
    name: '9.9.9.9.in-addr.arpa',
    type: 'PTR',
    rcode: 'REFUSED',
    expected: [],
  },
  { name: 'nobody', type: 'A', rcode: 'REFUSED', expected: [] },
  { name: 'nobody.ov_net1', type: 'A', rcode: 'NXDOMAIN', expected: [] },
  { name: 'ov_net1', type: 'A', rcode: 'NXDOMAIN', expected: [] },
  { name: 'bbox1.ov_net9', type: 'A', rcode: 'REFUSED', expected: [] },
  { name: 'example.com', type: 'A', rcode: 'REFUSED', expected: [] },
  { name: '.', type: 'NS', rcode: 'REFUSED', expected: [] },
]) {
  const said = expected.length > 0 ? expected.join(', ') : 'nothing'
  test(`${name} ${type}: ${rcode} and ${said}`, (t) => {
    const answer = ask(query(name, type))
    t.is(answer.rcode, rcode)
    t.deepEqual(dataOf(answer).sort(), expected)
    t.true(answer.flag_qr)
    t.true(answer.flag_rd)
    t.is(answer.flag_aa, rcode !== 'REFUSED')
    t.is(answer.id, 4711)
    t.deepEqual(answer.questions, [
      { name, type, class: 'IN' } as unknown as Question,
    ])
  })
}

test('names of networks the asker is not on are unknown', (t) => {
  t.is(ask(query('bbox3', 'A'), [zone]).rcode, 'REFUSED')
  t.is(ask(query('bbox3.ov_net2', 'A'), [zone]).rcode, 'REFUSED')
  t.is(ask(query('2.1.0.10.in-addr.arpa', 'PTR'), [zone]).rcode, 'REFUSED')
})

test('a name in several networks is the one in the first', (t) => {
  const asked = query('bbox1', 'A')
  t.deepEqual(dataOf(ask(asked, [zone, otherZone])), ['A 10.0.0.2'])
  t.deepEqual(dataOf(ask(asked, [otherZone, zone])), ['A 10.0.1.7'])
})

test('answers live five seconds and repeat the case of the question', (t) => {
  const [answer] = ask(query('BBOX1', 'A')).answers ?? []
  t.like(answer, { name: 'BBOX1', ttl: 5, class: 'IN' })
})

test('the order of the answers is drawn anew for each question', (t) => {
  const orders = [0, 0.99].map((drawn) =>
    dataOf(ask(query('web', 'A'), [zone], () => drawn)),
  )
  t.deepEqual(orders, [
    ['A 10.0.0.2', 'A 10.0.0.3'],
    ['A 10.0.0.3', 'A 10.0.0.2'],
  ])
})

const edns = (change: object = {}) => ({
  additionals: [
    {
      type: 'OPT' as const,
      name: '.',
      udpPayloadSize: 4096,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0x8000,
      flag_do: true,
      options: [],
      ...change,
    },
  ],
})

test('EDNS is answered to those who speak it, and to nobody else', (t) => {
  const [opt] = ask(query('bbox1', 'A', edns())).additionals ?? []
  t.like(opt, { type: 'OPT', udpPayloadSize: 1232, flag_do: true })
  t.deepEqual(ask(query('bbox1', 'A')).additionals, [])
})

test('an EDNS version of the future is refused with BADVERS', (t) => {
  const answer = ask(query('bbox1', 'A', edns({ ednsVersion: 1 })))
  t.like(answer.additionals?.[0], { extendedRcode: 1, ednsVersion: 0 })
  t.deepEqual(answer.answers, [])
})

for (const { description, more, limit } of [
  { description: '512 bytes without EDNS', more: {}, limit: 512 },
  {
    description: '512 bytes when less is asked for',
    more: edns({ udpPayloadSize: 100 }),
    limit: 512,
  },
  {
    description: 'what the asker can take',
    more: edns({ udpPayloadSize: 1000 }),
    limit: 1000,
  },
  { description: '1232 bytes at most', more: edns(), limit: 1232 },
]) {
  test(`a long answer is cut and marked: ${description}`, (t) => {
    const crowded = new Zone(network)
    for (let host = 2; host < 200; host++) {
      crowded.put(member(`m${host}`, [`10.0.0.${host}/24`], ['all']))
    }
    const answer = ask(query('all', 'A', more), [crowded])
    t.true(answer.flag_tc)
    t.true(answer.length <= limit)
    t.true(answer.length > limit - 16, 'room for one more record was wasted')
    t.is(ask(query('m7', 'A', more), [crowded]).flag_tc, false)
  })
}

test('a long name is said once: 28 addresses fit into 512 bytes', (t) => {
  const name = 'a-name-of-thirty-letters-or-so'
  const crowded = new Zone(network)
  for (let host = 2; host < 30; host++) {
    crowded.put(member(`m${host}`, [`10.0.0.${host}/24`], [name]))
  }
  const answer = ask(query(name, 'A'), [crowded])
  t.false(answer.flag_tc)
  t.true(answer.length <= 512)
  t.is(answer.answers?.length, 28)
  t.true(answer.answers?.every((one) => one.name === name))
})

test('over TCP a long answer is whole', (t) => {
  const crowded = new Zone(network)
  for (let host = 2; host < 200; host++) {
    crowded.put(member(`m${host}`, [`10.0.0.${host}/24`], ['all']))
  }
  const resolution = resolve(query('all', 'A'), [crowded], { transport: 'tcp' })
  const answer = decode(Buffer.from(messageOf(resolution) ?? []))
  t.false(answer.flag_tc)
  t.is(answer.answers?.length, 198)
})

for (const { description, message, rcode } of [
  {
    description: 'a notification',
    message: query('bbox1', 'A', { flags: 4 << 11 }),
    rcode: 'NOTIMP',
  },
  {
    description: 'two questions',
    message: query('x', 'A', {
      questions: [
        { name: 'a', type: 'A' },
        { name: 'b', type: 'A' },
      ],
    }),
    rcode: 'FORMERR',
  },
  {
    description: 'no question',
    message: query('x', 'A', { questions: [] }),
    rcode: 'FORMERR',
  },
  {
    description: 'a question cut short',
    message: query('bbox1', 'A').subarray(0, -1),
    rcode: 'FORMERR',
  },
  {
    description: 'a header cut short',
    message: query('bbox1', 'A').subarray(0, 3),
    rcode: 'FORMERR',
  },
  {
    description: 'a name that points at itself',
    message: Uint8Array.of(
      ...query('x', 'A').subarray(0, 12),
      ...[0xc0, 0x0c, 0, 1, 0, 1],
    ),
    rcode: 'FORMERR',
  },
  {
    description: 'a label that is not text',
    message: Uint8Array.of(
      ...query('x', 'A').subarray(0, 12),
      ...[1, 0xff, 0, 0, 1, 0, 1],
    ),
    rcode: 'FORMERR',
  },
  {
    description: 'two OPT records',
    message: query('bbox1', 'A', {
      additionals: [...edns().additionals, ...edns().additionals],
    }),
    rcode: 'FORMERR',
  },
  {
    description: 'a question of class CHAOS',
    message: query('x', 'A', {
      questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }],
    }),
    rcode: 'REFUSED',
  },
]) {
  test(`${description} is answered ${rcode}`, (t) => {
    const answer = ask(message)
    t.is(answer.rcode, rcode)
    t.is(answer.id, 4711)
  })
}

test('answers and messages without an id are ignored', (t) => {
  const response = query('bbox1', 'A', { type: 'response' })
  t.deepEqual(resolve(response, [zone]), { kind: 'ignore' })
  t.deepEqual(resolve(Uint8Array.of(18), [zone]), { kind: 'ignore' })
  t.deepEqual(resolve(new Uint8Array(), [zone]), { kind: 'ignore' })
})

const anyMessage = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.uint8Array({ maxLength: 60 }).map((tail) =>
    // A header that asks for one question and one additional record.
    Uint8Array.of(1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, ...tail),
  ),
  fc
    .tuple(fc.nat(60), fc.integer({ min: 0, max: 255 }))
    .map(([position, value]) => {
      const message = Uint8Array.from(query('bbox1.ov_net1', 'A', edns()))
      message[position % message.length] = value
      return message
    }),
)

test('no bytes make the resolver throw or send what cannot be read', (t) => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const answer = messageOf(resolve(message, [zone, otherZone]))
      if (answer !== undefined) {
        t.notThrows(() => decode(Buffer.from(answer)))
        t.deepEqual([...answer.subarray(0, 2)], [...message.subarray(0, 2)])
      }
    }),
    { numRuns: 3000 },
  )
  t.pass()
})
