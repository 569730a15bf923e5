import test from 'ava'
import {
  freeRange,
  isHostAddress,
  isNumberOf,
  numbered,
} from '../../../../src/node/gateway/ranges.js'

test("Docker's ranges, in its order", (t) => {
  t.is(freeRange(4, []), '172.18.0.0/16')
  t.is(freeRange(4, ['172.18.0.0/16', '172.19.3.0/24']), '172.20.0.0/16')
  t.is(freeRange(4, ['172.16.0.0/12']), '192.168.0.0/20')
  t.is(freeRange(4, ['172.16.0.0/12', '192.168.0.7/32']), '192.168.16.0/20')
  t.throws(() => freeRange(4, ['0.0.0.0/0']), { code: 'SUBNETS_EXHAUSTED' })
})

test('IPv6 is unique local, another one in a host that is a container', (t) => {
  t.is(freeRange(6, []), 'fd6f:7665:7274:6170::/64')
  t.is(freeRange(6, ['fd6f:7665:7274:6170::/64']), 'fd6f:7665:7274:6171::/64')
})

test('numbers are addresses between the host and broadcast', (t) => {
  t.is(numbered('172.18.0.0/16', 300), '172.18.1.44')
  t.true(isHostAddress('172.18.0.1/16'))
  t.false(isHostAddress('172.18.0.2/16'))
  t.deepEqual(
    [0, 1, 2, 3].map((number) => isNumberOf('10.0.0.0/30', number)),
    [false, false, true, false],
  )
})
