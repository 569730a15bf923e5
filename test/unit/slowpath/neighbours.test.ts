import test from 'ava'
import * as arp from '../../../src/codec/arp.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import * as icmpv6 from '../../../src/codec/icmpv6.js'
import * as ipv6 from '../../../src/codec/ipv6.js'
import { decide } from '../../../src/slowpath/slow-path.js'
import {
  arpRequest,
  icmpv6Frame,
  neighbourSolicitation,
} from '../../support/frames.js'
import { contextOf, host, upcall } from './fixtures.js'

const { mac } = host(2)
const asker4 = { mac, ip: host(2).v4 }
const asker6 = { mac, ip: host(2).v6 }
const nobody4 = { mac, ip: '0.0.0.0' }
const nobody6 = { mac, ip: '::' }

/** The parts of a reply that matter, or the decision if it is none. */
function arpAnswer(frame: Uint8Array, unknownUnicast?: 'drop' | 'flood') {
  const decision = decide(upcall(frame, 'arp'), contextOf(unknownUnicast))
  if (decision.kind !== 'reply') return decision
  const { payload, ...addresses } = ethernet.parse(decision.frame) ?? {}
  return { ...addresses, ...(payload && arp.parse(payload)) }
}

function arpReply(ip: string, from: string, to: typeof asker4) {
  return {
    destination: to.mac,
    source: from,
    etherType: ethernet.ETHER_TYPE.arp,
    operation: 'reply',
    senderMac: from,
    senderIp: ip,
    targetMac: to.mac,
    targetIp: to.ip,
  }
}

const flood = { kind: 'flood' }
const ignored = (reason: string) => ({ kind: 'ignore', reason })

for (const { description, frame, drop, floods } of [
  {
    description: 'another endpoint',
    frame: arpRequest(asker4, '10.0.0.3'),
    drop: arpReply('10.0.0.3', host(3).mac, asker4),
  },
  {
    description: 'the gateway',
    frame: arpRequest(asker4, '10.0.0.1'),
    drop: arpReply('10.0.0.1', '02:42:0a:00:00:01', asker4),
  },
  {
    description: 'an address probed that another endpoint has',
    frame: arpRequest(nobody4, '10.0.0.3'),
    drop: arpReply('10.0.0.3', host(3).mac, nobody4),
  },
  {
    description: 'an address nobody has',
    frame: arpRequest(asker4, '10.0.0.99'),
    drop: ignored('unknown-address'),
    floods: flood,
  },
  {
    description: 'its own address, announced',
    frame: arpRequest(asker4, asker4.ip),
    drop: ignored('own-address'),
    floods: flood,
  },
  {
    description: 'its own address, announced by a reply',
    frame: arpRequest(asker4, asker4.ip, { operation: 'reply' }),
    drop: ignored('own-address'),
    floods: flood,
  },
  {
    description: 'its own address, probed',
    frame: arpRequest(nobody4, asker4.ip),
    drop: ignored('own-address'),
    floods: flood,
  },
  {
    description: 'something that is no ARP',
    frame: arpRequest(asker4, '10.0.0.3').subarray(0, -1),
    drop: ignored('malformed'),
  },
]) {
  test(`ARP for ${description}`, (t) => {
    t.deepEqual(arpAnswer(frame), drop)
    t.deepEqual(arpAnswer(frame, 'flood'), floods ?? drop)
  })
}

function ndAnswer(frame: Uint8Array, unknownUnicast?: 'drop' | 'flood') {
  const decision = decide(upcall(frame, 'nd'), contextOf(unknownUnicast))
  if (decision.kind !== 'reply') return decision
  const reply = ethernet.parse(decision.frame)
  const packet = reply && ipv6.parse(reply.payload)
  if (packet === undefined) return undefined
  return {
    toMac: reply?.destination,
    fromMac: reply?.source,
    toIp: packet.destination,
    fromIp: packet.source,
    hopLimit: packet.hopLimit,
    message: icmpv6.parse(packet.payload, packet),
  }
}

function advertisement(
  ip: string,
  from: string,
  to: typeof asker6,
  solicited = true,
) {
  return {
    toMac: to.mac,
    fromMac: from,
    toIp: to.ip,
    fromIp: ip,
    hopLimit: 255,
    message: {
      kind: 'neighbour-advertisement',
      target: ip,
      linkLayer: from,
      router: false,
      solicited,
      override: true,
    },
  }
}

const allNodes = { mac: '33:33:00:00:00:01', ip: 'ff02::1' }
const linkLocal = { mac, ip: 'fe80::42:aff:fe00:2' }

for (const { description, frame, drop, floods } of [
  {
    description: 'another endpoint',
    frame: neighbourSolicitation(asker6, 'fd00::3'),
    drop: advertisement('fd00::3', host(3).mac, asker6),
  },
  {
    description: 'another endpoint’s link-local address',
    frame: neighbourSolicitation(linkLocal, 'fe80::42:aff:fe00:3'),
    drop: advertisement('fe80::42:aff:fe00:3', host(3).mac, linkLocal),
  },
  {
    description: 'the gateway',
    frame: neighbourSolicitation(asker6, 'fd00::1'),
    drop: advertisement('fd00::1', '02:42:00:00:00:01', asker6),
  },
  {
    description: 'an address nobody has',
    frame: neighbourSolicitation(asker6, 'fd00::99'),
    drop: ignored('unknown-address'),
    floods: flood,
  },
  {
    description: 'a duplicate of another endpoint’s address',
    frame: neighbourSolicitation(nobody6, 'fd00::3'),
    drop: advertisement('fd00::3', host(3).mac, allNodes, false),
  },
  {
    description: 'a duplicate of its own address',
    frame: neighbourSolicitation(nobody6, 'fd00::2'),
    drop: ignored('own-address'),
    floods: flood,
  },
  {
    description: 'a duplicate of its own link-local address',
    frame: neighbourSolicitation(nobody6, linkLocal.ip),
    drop: ignored('own-address'),
    floods: flood,
  },
  {
    description: 'a neighbour from beyond a router',
    frame: neighbourSolicitation(asker6, 'fd00::3', 254),
    drop: ignored('malformed'),
  },
  {
    description: 'a group',
    frame: neighbourSolicitation(asker6, 'ff02::1'),
    drop: ignored('malformed'),
  },
  {
    description: 'a duplicate, but sent to one host',
    frame: icmpv6Frame(
      nobody6,
      { mac: host(3).mac, ip: 'fd00::3' },
      {
        kind: 'neighbour-solicitation',
        target: 'fd00::3',
        linkLayer: undefined,
      },
    ),
    drop: ignored('malformed'),
  },
  {
    description: 'a router',
    frame: icmpv6Frame(
      linkLocal,
      { mac: '33:33:00:00:00:02', ip: 'ff02::2' },
      { kind: 'router-solicitation', linkLayer: mac },
    ),
    drop: ignored('unsupported'),
    floods: flood,
  },
  {
    description: 'nothing: its own advertisement',
    frame: icmpv6Frame(asker6, allNodes, {
      kind: 'neighbour-advertisement',
      target: asker6.ip,
      linkLayer: mac,
      router: false,
      solicited: false,
      override: true,
    }),
    drop: ignored('own-address'),
    floods: flood,
  },
]) {
  test(`neighbour discovery for ${description}`, (t) => {
    t.deepEqual(ndAnswer(frame), drop)
    t.deepEqual(ndAnswer(frame, 'flood'), floods ?? drop)
  })
}
