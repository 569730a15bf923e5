import test from 'ava'
import { decode, encode } from 'dns-packet'
import type { Packet, Question } from 'dns-packet'
import fc from 'fast-check'
import { isAnswerTo } from '../../../../src/dns/forward/answer-check.js'
import { lifetimeOf } from '../../../../src/dns/forward/lifetime.js'
import { mapMessage } from '../../../../src/dns/forward/message-map.js'
import { relay } from '../../../../src/dns/forward/relay.js'
import { upstreamQuery } from '../../../../src/dns/forward/upstream-query.js'
import { resolve } from '../../../../src/dns/resolver.js'
import { failureFor, sizeLimit } from '../../../../src/dns/response.js'
import { Zone } from '../../../../src/dns/zone.js'
import { member, network } from '../fixtures.js'
import { a, edns, foreign, soa } from './fixtures.js'

const zone = new Zone(network)
zone.put(member('bbox1', ['10.0.0.2/24', 'fd00::2/64'], ['web']))

const names = ['example.com', 'a.b.c.d.example.org', 'single', '.', 'bbox1']
const types = ['A', 'AAAA', 'PTR', 'SRV', 'TXT', 'ANY', 'UNKNOWN_65']

const query = fc
  .record({
    name: fc.constantFrom(...names),
    type: fc.constantFrom(...types),
    flags: fc.constantFrom(0, 0x0100, 0x0130),
    edns: fc.option(fc.constantFrom(512, 900, 4096)),
  })
  .map(({ name, type, flags, edns: size }) => {
    const questions = [{ name, type, class: 'IN' } as Question]
    const additionals = size === null ? [] : [edns({ udpPayloadSize: size })]
    return encode({ id: 4711, flags, questions, additionals })
  })

const sections: fc.Arbitrary<Packet> = fc.record({
  flags: fc.constantFrom(0x8180, 0x8183, 0x8380, 0x8182, 0x8580),
  answers: fc.array(fc.constantFrom(a('203.0.113.1'), a('203.0.113.2', 0)), {
    maxLength: 120,
  }),
  authorities: fc.array(fc.constant(soa(60, 30)), { maxLength: 2 }),
  additionals: fc.array(fc.constantFrom(edns(), a('203.0.113.9')), {
    maxLength: 3,
  }),
})

/** Bytes set, cut off, and pointers put in, compression loops among them. */
function mutated(message: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.oneof(
    fc
      .tuple(fc.nat(), fc.nat(255))
      .map(([at, byte]) => ({ at, bytes: [byte] })),
    fc.tuple(fc.nat(), fc.nat()).map(([at, to]) => ({
      at,
      bytes: [0xc0 | ((to >> 8) & 0x3f), to & 0xff],
    })),
  )
  return fc
    .tuple(message, fc.array(change, { maxLength: 6 }), fc.option(fc.nat()))
    .map(([original, changes, length]) => {
      const bytes = Uint8Array.from(original)
      for (const { at, bytes: put } of changes) {
        put.forEach((byte, index) => {
          bytes[(at + index) % bytes.length] = byte
        })
      }
      return length === null ? bytes : bytes.subarray(0, length % 600)
    })
}

const anyBytes = fc.uint8Array({ maxLength: 700 })

test('no question makes the resolver or what is sent on fail', (t) => {
  const anyQuery = fc.oneof(anyBytes, query, mutated(query))
  fc.assert(
    fc.property(anyQuery, (message) => {
      const resolution = resolve(message, [zone])
      if (resolution.kind !== 'not-ours') return
      const sent = upstreamQuery(resolution.query).message
      const map = mapMessage(sent)
      t.is(map?.end, sent.length)
      t.deepEqual(
        sent.subarray(12, map?.questionEnd),
        Uint8Array.from(message.subarray(12, map?.questionEnd)),
      )
      const failure = failureFor(resolution.query, 'SERVFAIL')
      t.notThrows(() => decode(Buffer.from(failure)))
    }),
    { numRuns: 3000 },
  )
})

test('no answer makes us fail, or send what does not hold together', (t) => {
  const asked = foreign({ additionals: [edns({ udpPayloadSize: 700 })] })
  const plain = foreign()
  const packet = sections.map((part) => {
    const { questions } = decode(Buffer.from(asked.message))
    return encode({ id: 0, ...part, questions: questions ?? [] })
  })
  const anyAnswer = fc.oneof(anyBytes, packet, mutated(packet))
  fc.assert(
    fc.property(anyAnswer, fc.option(fc.nat(100)), (answer, age) => {
      t.true(lifetimeOf(answer) >= 0)
      for (const query of [asked, plain]) {
        isAnswerTo(upstreamQuery(query).message, answer)
        const relayed = relay(query, answer, age === null ? {} : { age })
        if (relayed === undefined) continue
        t.true(relayed.length <= sizeLimit(query))
        t.is(mapMessage(relayed)?.end, relayed.length)
        t.deepEqual(
          relayed.subarray(0, 2),
          Uint8Array.of(4711 >> 8, 4711 & 255),
        )
        t.true(((relayed[2] ?? 0) & 0x80) !== 0)
      }
    }),
    { numRuns: 3000 },
  )
})

test('what holds together is passed on whole if it fits', (t) => {
  const asked = foreign({ transport: 'tcp', additionals: [edns()] })
  fc.assert(
    fc.property(sections, (part) => {
      const { questions } = decode(Buffer.from(asked.message))
      const answer = encode({ id: 0, ...part, questions: questions ?? [] })
      const relayed = relay(asked, answer)
      const [before, after] = [
        decode(answer),
        decode(Buffer.from(relayed ?? [])),
      ]
      t.deepEqual(after.answers, before.answers)
      t.deepEqual(after.authorities, before.authorities)
      t.is(after.additionals?.length, before.additionals?.length)
    }),
    { numRuns: 300 },
  )
})
