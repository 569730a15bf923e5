import test from 'ava'
import fc from 'fast-check'
import {
  addressOf,
  canonicalCidr,
  cidrContains,
  cidrsOverlap,
  firstHost,
  hostCount,
  hosts,
  isCidr,
  lastHost,
  parseCidr,
  withPrefix,
} from '../../../src/net/cidr.js'
import { bytesToIp } from '../../../src/net/ip.js'

test('a subnet is written without host bits', (t) => {
  t.is(canonicalCidr('10.22.1.7/24'), '10.22.1.0/24')
  t.is(canonicalCidr('FD00::1/64'), 'fd00::/64')
  t.is(canonicalCidr('1.2.3.4/0'), '0.0.0.0/0')
})

test('an address and its prefix length come apart and together', (t) => {
  t.is(addressOf('10.0.0.2/24'), '10.0.0.2')
  t.is(withPrefix('10.0.0.2', '10.0.0.0/24'), '10.0.0.2/24')
  t.is(withPrefix('fd00::0:2', 'fd00::/64'), 'fd00::2/64')
})

for (const input of [
  '10.0.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/024',
  '10.0.0.0/-1',
  '10.0.0.0/2.5',
  '10.0.0.0/24/8',
  '10.0.0/24',
  '10.0.0.0/255.255.255.0',
  'fd00::/129',
  '/24',
]) {
  test(`'${input}' is no subnet`, (t) => {
    t.false(isCidr(input))
    t.throws(() => parseCidr(input), { instanceOf: TypeError })
  })
}

for (const { cidr, ip, inside } of [
  { cidr: '10.0.0.0/24', ip: '10.0.0.0', inside: true },
  { cidr: '10.0.0.0/24', ip: '10.0.0.255', inside: true },
  { cidr: '10.0.0.0/24', ip: '10.0.1.0', inside: false },
  { cidr: '0.0.0.0/0', ip: '255.255.255.255', inside: true },
  { cidr: '0.0.0.0/0', ip: '::1', inside: false },
  { cidr: 'fd00::/64', ip: 'fd00::ffff:1', inside: true },
  { cidr: 'fd00::/64', ip: 'fd00:0:0:1::', inside: false },
]) {
  test(`${ip} is ${inside ? 'inside' : 'outside'} ${cidr}`, (t) => {
    t.is(cidrContains(cidr, ip), inside)
  })
}

for (const { a, b, overlap } of [
  { a: '10.0.0.0/8', b: '10.200.0.0/16', overlap: true },
  { a: '10.0.0.0/24', b: '10.0.0.128/25', overlap: true },
  { a: '10.0.0.0/24', b: '10.0.1.0/24', overlap: false },
  { a: '0.0.0.0/0', b: '::/0', overlap: false },
  { a: 'fd00::/48', b: 'fd00:0:0:7::/64', overlap: true },
]) {
  test(`${a} and ${b} ${overlap ? 'overlap' : 'are apart'}`, (t) => {
    t.is(cidrsOverlap(a, b), overlap)
    t.is(cidrsOverlap(b, a), overlap)
  })
}

for (const { cidr, first, last, count } of [
  { cidr: '10.0.0.0/24', first: '10.0.0.1', last: '10.0.0.254', count: 254n },
  { cidr: '10.0.0.4/30', first: '10.0.0.5', last: '10.0.0.6', count: 2n },
  { cidr: '10.0.0.4/31', first: '10.0.0.4', last: '10.0.0.5', count: 2n },
  { cidr: '10.0.0.4/32', first: '10.0.0.4', last: '10.0.0.4', count: 1n },
  { cidr: 'fd00::/126', first: 'fd00::1', last: 'fd00::3', count: 3n },
  { cidr: 'fd00::/127', first: 'fd00::', last: 'fd00::1', count: 2n },
]) {
  test(`the hosts of ${cidr} are ${first} to ${last}`, (t) => {
    t.is(firstHost(cidr), first)
    t.is(lastHost(cidr), last)
    t.is(hostCount(cidr), count)
    const all = [...hosts(cidr)]
    t.is(all[0], first)
    t.is(all.at(-1), last)
    t.is(BigInt(all.length), count)
  })
}

test('the hosts of a large subnet are made one by one', (t) => {
  const iterator = hosts('fd00::/16')
  t.is(iterator.next().value, 'fd00::1')
  t.is(iterator.next().value, 'fd00::2')
})

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(bytesToIp)

test('containing and overlapping agree with a comparison bit by bit', (t) => {
  const bits = (ip: string) =>
    ip
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
  const length = fc.integer({ min: 0, max: 32 })
  fc.assert(
    fc.property(ipv4, ipv4, length, length, (a, b, long, short) => {
      const sharesPrefix = (size: number) =>
        bits(a).slice(0, size) === bits(b).slice(0, size)
      t.is(cidrContains(`${a}/${long}`, b), sharesPrefix(long))
      t.is(
        cidrsOverlap(`${a}/${long}`, `${b}/${short}`),
        sharesPrefix(Math.min(long, short)),
      )
    }),
  )
})
