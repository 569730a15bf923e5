import test from 'ava'
import type { OvertapError } from '../../../src/base/errors.js'
import {
  candidates,
  isCandidate,
  staticAddress,
} from '../../../src/ipam/addresses.js'

test('addresses come in sequence behind the gateway', (t) => {
  const all = [...candidates({ subnet: '10.0.0.0/29', gateway: '10.0.0.1' })]

  t.deepEqual(
    all,
    [2, 3, 4, 5, 6].map((host) => `10.0.0.${host}`),
  )
})

test('they go on behind the last one, and round to it', (t) => {
  const subnet = { subnet: '10.0.0.0/29', gateway: '10.0.0.1' }
  const hosts = (after: string) =>
    [...candidates(subnet, after)].map((address) => address.slice(7))

  t.deepEqual(hosts('10.0.0.4'), ['5', '6', '2', '3', '4'])
  t.deepEqual(hosts('10.0.0.6'), ['2', '3', '4', '5', '6'])
  t.deepEqual(hosts('10.9.9.9'), ['2', '3', '4', '5', '6'])
})

test("the gateway's address is in use", (t) => {
  const subnet = { subnet: '10.0.0.0/29', gateway: '10.0.0.1' }

  const error = t.throws<OvertapError>(
    () => staticAddress('10.0.0.1', [subnet]),
    { message: 'Address already in use: 10.0.0.1' },
  )
  t.regex(error.remedy, /^the network reserves it for gateway/)
})

test('aux addresses are for nobody', (t) => {
  const subnet = {
    subnet: '10.0.0.0/29',
    gateway: '10.0.0.1',
    auxAddresses: { router: '10.0.0.3' },
  }

  t.false([...candidates(subnet)].includes('10.0.0.3'))
  t.false(isCandidate(subnet, '10.0.0.3'))
  t.true(isCandidate(subnet, '10.0.0.4'))
  t.throws(() => staticAddress('10.0.0.3', [subnet]), {
    code: 'ADDRESS_IN_USE',
    message: 'Address already in use: 10.0.0.3',
  })
})

test('a gateway in the middle is left out', (t) => {
  t.deepEqual(
    [...candidates({ subnet: '10.0.0.0/29', gateway: '10.0.0.3' })],
    ['10.0.0.1', '10.0.0.2', '10.0.0.4', '10.0.0.5', '10.0.0.6'],
  )
})

test('a range is used from end to end, but not what may be no host', (t) => {
  const subnet = { subnet: '10.0.0.0/24', gateway: '10.0.0.1' }

  t.deepEqual(
    [...candidates({ ...subnet, ipRange: '10.0.0.128/30' })],
    ['10.0.0.128', '10.0.0.129', '10.0.0.130', '10.0.0.131'],
  )
  t.deepEqual(
    [...candidates({ ...subnet, ipRange: '10.0.0.0/30' })],
    ['10.0.0.2', '10.0.0.3'],
  )
  t.deepEqual(
    [...candidates({ ...subnet, ipRange: '10.0.0.252/30' })],
    ['10.0.0.252', '10.0.0.253', '10.0.0.254'],
  )
})

test('a /64 costs no more than what is taken of it', (t) => {
  const some = candidates({ subnet: 'fd00::/64', gateway: 'fd00::1' })

  t.is(some.next().value, 'fd00::2')
  t.is(some.next().value, 'fd00::3')
})

test('a static address may be anywhere in the subnets', (t) => {
  const subnets = [
    { subnet: '10.0.0.0/24', gateway: '10.0.0.1', ipRange: '10.0.0.128/25' },
    { subnet: 'fd00::/64', gateway: 'fd00::1' },
  ]

  t.deepEqual(staticAddress('10.0.0.7', subnets), {
    address: '10.0.0.7',
    subnet: subnets[0],
  })
  t.is(staticAddress('FD00:0::7', subnets).address, 'fd00::7')
})

test('addresses that cannot be had say why', (t) => {
  const subnets = [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }]
  const refuse = (address: string, message: RegExp) => {
    t.throws(() => staticAddress(address, subnets), {
      code: 'ADDRESS_INVALID',
      message,
    })
  }
  refuse('10.0.0', /not an address/)
  refuse('10.0.1.2', /outside of 10\.0\.0\.0\/24/)
  refuse('10.0.0.0', /network or broadcast address/)
  refuse('10.0.0.255', /network or broadcast address/)
})
