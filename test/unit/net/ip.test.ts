import test from 'ava'
import fc from 'fast-check'
import {
  bigintToIp,
  bytesToIp,
  canonicalIp,
  compareIps,
  ipToBigint,
  ipToBytes,
  ipVersion,
  isGroupIp,
  isIp,
} from '../../../src/net/ip.js'

for (const { input, expected } of [
  { input: '10.0.0.1', expected: '10.0.0.1' },
  { input: 'FD00:0:0::0001', expected: 'fd00::1' },
  { input: '::', expected: '::' },
  { input: '2001:db8:0:0:1:0:0:1', expected: '2001:db8::1:0:0:1' },
  { input: '::ffff:10.0.0.1', expected: '::ffff:a00:1' },
]) {
  test(`${input} is written ${expected}`, (t) => {
    t.true(isIp(input))
    t.is(canonicalIp(input), expected)
  })
}

for (const input of [
  '',
  '10',
  '10.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '0x0a.0.0.1',
  '10.0.0.1/24',
  'fe80::1%eth0',
  ':::',
  'example.com',
]) {
  test(`'${input}' is no address`, (t) => {
    t.false(isIp(input))
    for (const act of [canonicalIp, ipVersion, ipToBytes, ipToBigint]) {
      t.throws(() => act(input), { instanceOf: TypeError })
    }
  })
}

const ipv4Bytes = fc.uint8Array({ minLength: 4, maxLength: 4 })
const ipv6Bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })

test('an address survives the way through bytes and through a number', (t) => {
  fc.assert(
    fc.property(fc.oneof(ipv4Bytes, ipv6Bytes), (bytes) => {
      const ip = bytesToIp(bytes)
      t.deepEqual(ipToBytes(ip), bytes)
      t.is(bigintToIp(ipToBigint(ip), ipVersion(ip)), ip)
      t.is(canonicalIp(ip), ip)
    }),
  )
})

test('bytes and numbers that are no address are refused', (t) => {
  t.throws(() => bytesToIp(new Uint8Array(5)), { instanceOf: TypeError })
  t.throws(() => bigintToIp(1n << 32n, 4), { instanceOf: TypeError })
  t.throws(() => bigintToIp(-1n, 6), { instanceOf: TypeError })
})

test('addresses sort by number, IPv4 first', (t) => {
  const sorted = ['9.0.0.1', '10.0.0.2', '10.0.0.10', '::1', 'fd00::1']
  t.deepEqual([...sorted].reverse().sort(compareIps), sorted)
  t.is(compareIps('fd00::1', 'FD00:0::1'), 0)
})

for (const { ip, group } of [
  { ip: '224.0.0.1', group: true },
  { ip: '239.255.255.255', group: true },
  { ip: '240.0.0.1', group: false },
  { ip: '255.255.255.255', group: true },
  { ip: 'ff02::1', group: true },
  { ip: 'fe80::1', group: false },
]) {
  test(`${ip} is ${group ? 'a group' : 'one host'}`, (t) => {
    t.is(isGroupIp(ip), group)
  })
}
