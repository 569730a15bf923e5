import test from 'ava'
import * as arp from '../../../src/codec/arp.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import * as icmpv6 from '../../../src/codec/icmpv6.js'
import * as ipv6 from '../../../src/codec/ipv6.js'
import { announcement } from '../../../src/slowpath/announcement.js'

const mac = '02:42:0a:00:00:09'

test('an IPv4 address is announced by gratuitous ARP, in the request form', (t) => {
  const frame = ethernet.parse(announcement({ ip: '10.0.0.9', mac }))
  t.like(frame, {
    destination: 'ff:ff:ff:ff:ff:ff',
    source: mac,
    etherType: ethernet.ETHER_TYPE.arp,
  })
  t.deepEqual(arp.parse(frame?.payload ?? new Uint8Array()), {
    operation: 'request',
    senderMac: mac,
    senderIp: '10.0.0.9',
    targetMac: '00:00:00:00:00:00',
    targetIp: '10.0.0.9',
  })
})

test('an IPv6 address is announced to all nodes, overriding their caches', (t) => {
  const frame = ethernet.parse(announcement({ ip: 'fd00::9', mac }))
  t.like(frame, { destination: '33:33:00:00:00:01', source: mac })
  const packet = ipv6.parse(frame?.payload ?? new Uint8Array())
  t.like(packet, {
    source: 'fd00::9',
    destination: 'ff02::1',
    hopLimit: 255,
  })
  t.truthy(packet)
  if (packet === undefined) return
  t.deepEqual(icmpv6.parse(packet.payload, packet), {
    kind: 'neighbour-advertisement',
    target: 'fd00::9',
    linkLayer: mac,
    router: false,
    solicited: false,
    override: true,
  })
})
