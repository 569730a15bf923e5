import test from 'ava'
import fc from 'fast-check'
import {
  bytesToMac,
  canonicalMac,
  isGroupMac,
  isMac,
  linkLocalOf,
  macOfIp,
  macToBytes,
} from '../../../src/net/mac.js'

for (const { ip, mac } of [
  { ip: '10.0.0.2', mac: '02:42:0a:00:00:02' },
  { ip: '172.18.255.254', mac: '02:42:ac:12:ff:fe' },
  { ip: 'fd00::1:2', mac: '02:42:00:01:00:02' },
]) {
  test(`the MAC of ${ip} is ${mac}`, (t) => {
    t.is(macOfIp(ip), mac)
  })
}

test('capitals and hyphens are accepted and normalised', (t) => {
  t.is(canonicalMac('02-42-0A-00-00-02'), '02:42:0a:00:00:02')
})

for (const input of [
  '',
  '02:42:0a:00:00',
  '02:42:0a:00:00:02:03',
  '2:42:a:0:0:2',
  '02:42-0a:00:00:02',
  '0242.0a00.0002',
  '02:42:0g:00:00:02',
]) {
  test(`'${input}' is no MAC`, (t) => {
    t.false(isMac(input))
    t.throws(() => macToBytes(input), { instanceOf: TypeError })
  })
}

test('a MAC survives the way through bytes', (t) => {
  const sixBytes = fc.uint8Array({ minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(sixBytes, (bytes) => {
      t.deepEqual(macToBytes(bytesToMac(bytes)), bytes)
    }),
  )
  t.throws(() => bytesToMac(new Uint8Array(5)), { instanceOf: TypeError })
})

test('groups are told from hosts by the first byte', (t) => {
  t.true(isGroupMac('ff:ff:ff:ff:ff:ff'))
  t.true(isGroupMac('33:33:00:00:00:01'))
  t.false(isGroupMac('02:42:0a:00:00:02'))
})

for (const { mac, linkLocal } of [
  { mac: '02:42:0a:00:00:02', linkLocal: 'fe80::42:aff:fe00:2' },
  { mac: '52:54:00:12:34:56', linkLocal: 'fe80::5054:ff:fe12:3456' },
]) {
  test(`the kernel gives ${mac} the address ${linkLocal}`, (t) => {
    t.is(linkLocalOf(mac), linkLocal)
  })
}
