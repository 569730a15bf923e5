import test from 'ava'
import { localPrefix } from '../../../src/ipam/local-prefix.js'

const id = '0123456789abcdef'.repeat(4)

test('the prefix is made of the beginning of the id', (t) => {
  t.is(localPrefix(id, []), 'fd01:2345:6789:abcd::/64')
})

test('one that is in use is passed over', (t) => {
  const occupied = [
    { prefix: 'fd01:2345:6789::/48', holder: 'a route of host3' },
    { prefix: '10.0.0.0/8', holder: 'a route of host3' },
  ]

  t.is(localPrefix(id, occupied), 'fd12:3456:789a:bcde::/64')
})

test('where everything is in use there is none', (t) => {
  t.throws(() => localPrefix(id, [{ prefix: 'fc00::/7', holder: 'x' }]), {
    code: 'SUBNETS_EXHAUSTED',
  })
})
