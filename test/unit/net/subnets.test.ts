import test from 'ava'
import { subnetAt, subnetCount } from '../../../src/net/subnets.js'

test('pools are cut into subnets in order', (t) => {
  t.is(subnetAt('10.0.0.0/8', 24, 0n), '10.0.0.0/24')
  t.is(subnetAt('10.0.0.0/8', 24, 257n), '10.1.1.0/24')
  t.is(subnetAt('10.0.0.0/8', 24, 65535n), '10.255.255.0/24')
  t.is(subnetAt('fd00::/8', 64, 1n), 'fd00:0:0:1::/64')
  t.is(subnetCount('10.0.0.0/8', 24), 65536n)
  t.is(subnetCount('10.0.0.0/24', 16), 0n)
  t.throws(() => subnetAt('10.0.0.0/8', 24, 65536n), { instanceOf: TypeError })
  t.throws(() => subnetAt('10.0.0.0/24', 16, 0n), { instanceOf: TypeError })
})
