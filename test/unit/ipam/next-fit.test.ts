import test from 'ava'
import { lastGiven } from '../../../src/ipam/next-fit.js'
import type { AddressClaim } from '../../../src/store/records.js'

type Rest = Partial<AddressClaim>

function claims(...rows: [address: string, version: number, rest?: Rest][]) {
  return new Map(
    rows.map(([address, version, rest]) => [
      address,
      { value: { host: 'host2', endpoint: 'e', ...rest }, version },
    ]),
  )
}

test('the sequence stands where the latest claim is, whatever its number', (t) => {
  const given = claims(['10.0.0.9', 5], ['10.0.0.2', 8], ['10.0.0.5', 6])

  t.is(lastGiven('10.0.0.0/24', true, given), '10.0.0.2')
  t.is(lastGiven('10.0.0.0/24', true, new Map()), undefined)
})

test('what was given back or asked for does not count', (t) => {
  const given = claims(
    ['10.0.0.2', 1],
    ['10.0.0.3', 2, { released: { name: 'a' } }],
    ['10.0.0.200', 3, { outOfTurn: true }],
  )

  t.is(lastGiven('10.0.0.0/24', true, given), '10.0.0.2')
})

test('each subnet and each family has a sequence of its own', (t) => {
  const given = claims(['10.0.0.4', 1], ['10.1.0.7', 2], ['fd00::9', 3])

  t.is(lastGiven('10.0.0.0/24', false, given), '10.0.0.4')
  t.is(lastGiven('10.1.0.0/24', false, given), '10.1.0.7')
  t.is(lastGiven('fd00::/64', true, given), 'fd00::9')
})
