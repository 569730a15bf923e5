import test from 'ava'
import * as ethernet from '../../../src/codec/ethernet.js'
import * as icmpv4 from '../../../src/codec/icmpv4.js'
import * as icmpv6 from '../../../src/codec/icmpv6.js'
import { parseIpPacket } from '../../../src/slowpath/ip-packet.js'
import { decide } from '../../../src/slowpath/slow-path.js'
import { udpFrame } from '../../support/frames.js'
import type { Station } from '../../support/frames.js'
import { contextOf, host, upcall } from './fixtures.js'

const [from, to] = [host(2), host(3)]
const families = [
  {
    family: 'IPv4',
    from: { mac: from.mac, ip: from.v4 },
    to: { mac: to.mac, ip: to.v4 },
    gateway: '10.0.0.1',
    quoted: 548,
    unspecified: '0.0.0.0',
    group: '224.0.0.1',
    foreign: '192.168.7.7',
  },
  {
    family: 'IPv6',
    from: { mac: from.mac, ip: from.v6 },
    to: { mac: to.mac, ip: to.v6 },
    gateway: 'fd00::1',
    quoted: 1232,
    unspecified: '::',
    group: 'ff02::1',
    foreign: 'fd77::7',
  },
] as const

/** As the engine hands it up: a superpacket, cut off. */
function frameOf(source: Station, destination: Station): Uint8Array {
  const frame = udpFrame(source, destination, 9, new Uint8Array(5000).fill(7))
  return frame.subarray(0, 14 + 1232)
}

function decisionOn(frame: Uint8Array) {
  return decide({ ...upcall(frame, 'too-big'), mtu: 1350 }, contextOf())
}

for (const { family, gateway, quoted, ...ends } of families) {
  const answerTo = (frame: Uint8Array) => {
    const decision = decisionOn(frame)
    const reply =
      decision.kind === 'reply' ? ethernet.parse(decision.frame) : undefined
    const packet = reply && parseIpPacket(reply)
    if (packet === undefined) throw new Error(`no answer but ${decision.kind}`)
    const message =
      packet.version === 4
        ? icmpv4.parse(packet.payload)
        : icmpv6.parse(packet.payload, packet)
    return { reply, packet, message }
  }

  test(`${family}: the gateway tells the sender what would have passed`, (t) => {
    const frame = frameOf(ends.from, ends.to)
    const { reply, packet, message } = answerTo(frame)
    t.like(reply, { destination: ends.from.mac, source: ends.to.mac })
    t.like(packet, { destination: ends.from.ip, source: gateway })
    const original = frame.slice(14, 14 + quoted)
    t.deepEqual(message, { kind: 'too-big', mtu: 1350, original })
  })

  test(`${family}: from outside all subnets, whom it was sent to tells`, (t) => {
    const stranger = { ...ends.from, ip: ends.foreign }
    const { packet } = answerTo(frameOf(stranger, ends.to))
    t.like(packet, { destination: ends.foreign, source: ends.to.ip })
  })

  test(`${family}: a short beginning is enough`, (t) => {
    const frame = frameOf(ends.from, ends.to).subarray(0, 14 + 48)
    const { message } = answerTo(frame)
    t.like(message, { kind: 'too-big', original: frame.slice(14) })
  })

  for (const { description, frame, reason } of [
    {
      description: 'from no address',
      frame: frameOf({ ...ends.from, ip: ends.unspecified }, ends.to),
      reason: 'bad-source',
    },
    {
      description: 'from a group',
      frame: frameOf({ ...ends.from, ip: ends.group }, ends.to),
      reason: 'bad-source',
    },
    {
      description: 'to a group',
      frame: frameOf(ends.from, { ...ends.to, ip: ends.group }),
      reason: 'unsupported',
    },
    {
      description: 'to everybody',
      frame: frameOf(ends.from, { ...ends.to, mac: 'ff:ff:ff:ff:ff:ff' }),
      reason: 'unsupported',
    },
    {
      description: 'cut off within the header',
      frame: frameOf(ends.from, ends.to).subarray(0, 14 + 19),
      reason: 'malformed',
    },
  ]) {
    test(`${family}: what goes ${description} is ignored as ${reason}`, (t) => {
      t.deepEqual(decisionOn(frame), { kind: 'ignore', reason })
    })
  }
}

test('what is no IP is ignored', (t) => {
  const frame = frameOf(families[0].from, families[0].to)
  frame.set([0x88, 0xb5], 12)
  t.deepEqual(decisionOn(frame), { kind: 'ignore', reason: 'malformed' })
})
