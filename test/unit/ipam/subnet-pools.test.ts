import test from 'ava'
import fc from 'fast-check'
import { firstSubnet, nextSubnet } from '../../../src/ipam/subnet-pools.js'
import { cidrsOverlap } from '../../../src/net/cidr.js'

const ten = { base: '10.0.0.0/8', size: 24 }

function occupied(...prefixes: readonly string[]) {
  return prefixes.map((prefix) => ({ prefix, holder: 'somebody' }))
}

test('pieces come in order', (t) => {
  t.is(firstSubnet([ten]), '10.0.0.0/24')
  t.deepEqual(nextSubnet([ten], '10.0.0.0/24', []), {
    subnet: '10.0.0.0/24',
    next: '10.0.1.0/24',
  })
})

test('what is occupied is jumped over, however large', (t) => {
  t.is(
    nextSubnet([ten], '10.0.0.0/24', occupied('10.0.0.0/9', '10.128.0.7/32'))
      .subnet,
    '10.128.1.0/24',
  )
})

test('behind the last pool the first one comes again', (t) => {
  const small = { base: '192.168.0.0/30', size: 31 }

  t.deepEqual(nextSubnet([ten, small], '192.168.0.2/31', []), {
    subnet: '192.168.0.2/31',
    next: '10.0.0.0/24',
  })
  t.is(
    nextSubnet(
      [small, ten],
      '10.255.255.0/24',
      occupied('10.255.255.0/24', '192.168.0.0/31'),
    ).subnet,
    '192.168.0.2/31',
  )
})

test('a start of another configuration means the beginning', (t) => {
  t.is(nextSubnet([ten], '172.16.0.0/20', []).subnet, '10.0.0.0/24')
})

test('with nothing left the pools are named', (t) => {
  t.throws(() => nextSubnet([ten], '10.4.0.0/24', occupied('0.0.0.0/0')), {
    code: 'SUBNETS_EXHAUSTED',
    message: /\(10\.0\.0\.0\/8\)$/,
  })
})

test('finds what a search of all pieces finds', (t) => {
  const pool = { base: '10.0.0.0/24', size: 28 }
  const pieces = Array.from({ length: 16 }, (_, i) => `10.0.0.${i * 16}/28`)
  const prefix = fc
    .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
    .map(([host, length]) => `10.0.0.${host}/${length}`)
  fc.assert(
    fc.property(
      fc.array(prefix, { maxLength: 12 }),
      fc.nat(15),
      (prefixes, start) => {
        const order = [...pieces.slice(start), ...pieces.slice(0, start)]
        const expected = order.find(
          (piece) => !prefixes.some((other) => cidrsOverlap(other, piece)),
        )
        const find = () =>
          nextSubnet([pool], pieces[start] ?? '', occupied(...prefixes)).subnet
        if (expected === undefined) t.throws(find)
        else t.is(find(), expected)
      },
    ),
    { seed: 7 },
  )
})
