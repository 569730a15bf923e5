import test from 'ava'
import fc from 'fast-check'
import * as ethernet from '../../../src/codec/ethernet.js'
import type { UpcallReason } from '../../../src/engine/engine.js'
import { decide } from '../../../src/slowpath/slow-path.js'
import {
  arpRequest,
  echoRequest,
  neighbourSolicitation,
} from '../../support/frames.js'
import { contextOf, host, upcall } from './fixtures.js'

const stranger = { mac: '52:54:00:12:34:56', ip: '10.0.0.50' }
const bbox1 = { mac: host(2).mac, ip: host(2).v4 }

for (const { description, from, unknownUnicast, expected } of [
  {
    description: 'a MAC that no record has is learned',
    from: stranger,
    unknownUnicast: 'flood',
    expected: { kind: 'learn', mac: stranger.mac },
  },
  {
    description: 'where all endpoints are known, nothing is learned',
    from: stranger,
    unknownUnicast: 'drop',
    expected: { kind: 'ignore', reason: 'unsupported' },
  },
  {
    description: 'an endpoint’s MAC is not learned from a peer',
    from: bbox1,
    unknownUnicast: 'flood',
    expected: { kind: 'ignore', reason: 'known-source' },
  },
  {
    description: 'the gateway’s MAC is not learned from a peer',
    from: { mac: '02:42:0a:00:00:01', ip: '10.0.0.1' },
    unknownUnicast: 'flood',
    expected: { kind: 'ignore', reason: 'known-source' },
  },
  {
    description: 'a group’s MAC is not learned',
    from: { mac: '01:00:5e:00:00:01', ip: '10.0.0.50' },
    unknownUnicast: 'flood',
    expected: { kind: 'ignore', reason: 'bad-source' },
  },
  {
    description: 'the MAC of zeros is not learned',
    from: { mac: '00:00:00:00:00:00', ip: '10.0.0.50' },
    unknownUnicast: 'flood',
    expected: { kind: 'ignore', reason: 'bad-source' },
  },
] as const) {
  test(`from a peer: ${description}`, (t) => {
    const frame = arpRequest(from, '10.0.0.2')
    const decision = decide(
      upcall(frame, 'new-source'),
      contextOf(unknownUnicast),
    )
    t.deepEqual(decision, expected)
  })
}

test('other protocols, VLAN tags among them, are ignored', (t) => {
  const frame = ethernet.emit({
    destination: '02:42:0a:00:00:01',
    source: bbox1.mac,
    etherType: 0x8100,
    payload: new Uint8Array(64),
  })
  t.deepEqual(decide(upcall(frame, 'gateway'), contextOf()), {
    kind: 'ignore',
    reason: 'unsupported',
  })
})

test('a decision outlives the frame it was made on', (t) => {
  const gateway = { mac: '02:42:0a:00:00:01', ip: '10.0.0.1' }
  const frame = echoRequest(bbox1, gateway)
  const decision = decide(upcall(frame, 'gateway'), contextOf())
  const before = structuredClone(decision)
  frame.fill(0)
  t.deepEqual(decision, before)
})

const reasons: UpcallReason[] = ['arp', 'nd', 'gateway', 'new-source']
const valid = [
  arpRequest(bbox1, '10.0.0.3'),
  neighbourSolicitation({ mac: bbox1.mac, ip: 'fd00::2' }, 'fd00::3'),
  echoRequest(bbox1, { mac: '02:42:0a:00:00:01', ip: '10.0.0.1' }),
]
const anyFrame = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(fc.constantFrom(...valid), fc.nat(200), fc.nat(255), fc.nat(120))
    .map(([frame, position, value, length]) => {
      const bytes = Uint8Array.from(frame)
      bytes[position % bytes.length] = value
      return bytes.subarray(0, length)
    }),
)

test('no frame makes the slow path throw', (t) => {
  const context = contextOf('flood')
  fc.assert(
    fc.property(anyFrame, fc.constantFrom(...reasons), (frame, reason) => {
      t.notThrows(() => decide(upcall(frame, reason), context))
    }),
    { numRuns: 2000 },
  )
})
