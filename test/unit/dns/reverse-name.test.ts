import test from 'ava'
import fc from 'fast-check'
import {
  ipOfReverseName,
  reverseNameOf,
} from '../../../src/dns/reverse-name.js'
import { anyIpv4, anyIpv6 } from '../codec/arbitraries.js'

const fd00_2 = `2.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`

for (const { name, expected } of [
  { name: '2.0.0.10.in-addr.arpa', expected: '10.0.0.2' },
  { name: '2.0.0.10.IN-ADDR.ARPA', expected: '10.0.0.2' },
  { name: fd00_2, expected: 'fd00::2' },
  { name: fd00_2.toUpperCase(), expected: 'fd00::2' },
  { name: '0.0.10.in-addr.arpa', expected: undefined },
  { name: '1.2.0.0.10.in-addr.arpa', expected: undefined },
  { name: '256.0.0.10.in-addr.arpa', expected: undefined },
  { name: fd00_2.slice(2), expected: undefined },
  { name: fd00_2.replace('d', 'g'), expected: undefined },
  { name: fd00_2.replace('2.', '22.'), expected: undefined },
  { name: 'in-addr.arpa', expected: undefined },
  { name: 'arpa', expected: undefined },
  { name: 'bbox1', expected: undefined },
  { name: '.', expected: undefined },
]) {
  test(`${name} stands for ${expected ?? 'no address'}`, (t) => {
    t.is(ipOfReverseName(name), expected)
  })
}

test('the name of an address leads back to it', (t) => {
  t.is(reverseNameOf('10.0.0.2'), '2.0.0.10.in-addr.arpa')
  t.regex(reverseNameOf('fd00::2'), /^2(?:\.0){29}\.d\.f\.ip6\.arpa$/)
  fc.assert(
    fc.property(fc.oneof(anyIpv4, anyIpv6), (ip) => {
      t.is(ipOfReverseName(reverseNameOf(ip)), ip)
    }),
  )
})
