import test from 'ava'
import fc from 'fast-check'
import * as arp from '../../../src/codec/arp.js'
import * as ethernet from '../../../src/codec/ethernet.js'
import * as icmpv4 from '../../../src/codec/icmpv4.js'
import * as icmpv6 from '../../../src/codec/icmpv6.js'
import * as ipv4 from '../../../src/codec/ipv4.js'
import * as ipv6 from '../../../src/codec/ipv6.js'
import * as neighbour from '../../../src/codec/neighbour-discovery.js'
import * as tcp from '../../../src/codec/tcp.js'
import * as udp from '../../../src/codec/udp.js'
import { captured, capturedFrameNames } from './captured-frames.js'

const ends = { source: 'fd00::2', destination: 'fd00::3' }

const parsers = {
  ethernet: ethernet.parse,
  arp: arp.parse,
  ipv4: ipv4.parse,
  ipv6: ipv6.parse,
  icmpv4: icmpv4.parse,
  icmpv6: (bytes: Uint8Array) => icmpv6.parse(bytes, ends),
  neighbour: neighbour.parse,
  tcp: (bytes: Uint8Array) => tcp.parse(bytes, ends),
  udp: (bytes: Uint8Array) => udp.parse(bytes, ends),
}

for (const [name, parse] of Object.entries(parsers)) {
  test(`${name}: no bytes make the parser throw`, (t) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        t.notThrows(() => parse(bytes))
      }),
      { numRuns: 500 },
    )
  })

  test(`${name}: what lies past the end is never read`, (t) => {
    for (const frame of capturedFrameNames) {
      const whole = captured(frame).subarray(ethernet.HEADER_LENGTH)
      for (let end = 0; end <= whole.length; end++) {
        const within = parse(whole.subarray(0, end))
        const alone = parse(whole.slice(0, end))
        t.deepEqual(within, alone, `${frame} cut at ${end}`)
      }
    }
  })
}
