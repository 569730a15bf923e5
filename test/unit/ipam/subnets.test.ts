import test from 'ava'
import { isHostAddress, planSubnets } from '../../../src/ipam/subnets.js'
import type { Occupied } from '../../../src/ipam/subnets.js'

function plan(
  subnet: string | readonly string[],
  part: { gateways?: string[]; ipRanges?: string[] } = {},
  occupied: readonly Occupied[] = [],
) {
  const subnets = typeof subnet === 'string' ? [subnet] : subnet
  return planSubnets({ subnets, gateways: [], ipRanges: [], ...part }, occupied)
}

test('the gateway is the first host', (t) => {
  t.deepEqual(plan(['10.22.1.0/24', 'fd22:0::/64']), [
    { subnet: '10.22.1.0/24', gateway: '10.22.1.1' },
    { subnet: 'fd22::/64', gateway: 'fd22::1' },
  ])
})

test('gateways and ranges go to the subnet that contains them', (t) => {
  t.deepEqual(
    plan(['10.22.1.0/24', '10.22.2.0/24'], {
      gateways: ['10.22.2.254'],
      ipRanges: ['10.22.1.128/25'],
    }),
    [
      {
        subnet: '10.22.1.0/24',
        gateway: '10.22.1.1',
        ipRange: '10.22.1.128/25',
      },
      { subnet: '10.22.2.0/24', gateway: '10.22.2.254' },
    ],
  )
})

const refused = [
  ['10.22.1.0', 'SUBNET_INVALID', 'invalid subnet 10.22.1.0: not a CIDR'],
  [
    '10.22.1.5/24',
    'SUBNET_INVALID',
    'invalid subnet 10.22.1.5/24: it should be 10.22.1.0/24',
  ],
  [
    '10.22.1.0/32',
    'SUBNET_INVALID',
    'invalid subnet 10.22.1.0/32: no room for a gateway and one container',
  ],
  [
    '127.0.1.0/24',
    'SUBNET_INVALID',
    'invalid subnet 127.0.1.0/24: 127.0.0.0/8 is not for hosts',
  ],
] as const

for (const [subnet, code, message] of refused) {
  test(`refused: ${subnet}`, (t) => {
    t.throws(() => plan(subnet), { code, message })
  })
}

test('overlaps are refused in the words of Docker, naming the other', (t) => {
  const occupied = [
    { prefix: '10.22.0.0/16', holder: 'a route of host3' },
  ] as const

  t.throws(() => plan('10.22.1.0/24', {}, occupied), {
    code: 'SUBNET_OVERLAPS',
    message:
      'Pool overlaps with other one on this address space: 10.22.1.0/24 with 10.22.0.0/16, a route of host3',
  })
  t.throws(() => plan(['10.1.0.0/16', '10.1.2.0/24']), {
    message: /another subnet of the same network$/,
  })
})

test('gateways must be hosts of a subnet', (t) => {
  const refuse = (gateway: string, message: RegExp) => {
    t.throws(() => plan('10.22.1.0/24', { gateways: [gateway] }), {
      code: 'GATEWAY_INVALID',
      message,
    })
  }
  refuse('10.22.1', /not an address/)
  refuse('10.22.2.1', /no matching subnet for gateway/)
  refuse('10.22.1.0', /network or broadcast address/)
  refuse('10.22.1.255', /network or broadcast address/)
})

test('one gateway and one range per subnet', (t) => {
  t.throws(
    () => plan('10.22.1.0/24', { gateways: ['10.22.1.1', '10.22.1.2'] }),
    { code: 'GATEWAY_INVALID' },
  )
  t.throws(
    () =>
      plan('10.22.1.0/24', { ipRanges: ['10.22.1.0/25', '10.22.1.128/25'] }),
    { code: 'IP_RANGE_INVALID' },
  )
})

test('ranges must lie inside a subnet', (t) => {
  for (const range of ['10.22.0.0/16', '10.23.1.0/25', 'all']) {
    t.throws(() => plan('10.22.1.0/24', { ipRanges: [range] }), {
      code: 'IP_RANGE_INVALID',
    })
  }
})

test('host addresses leave out the first and, for IPv4, the last', (t) => {
  t.false(isHostAddress('10.0.0.0/30', '10.0.0.0'))
  t.true(isHostAddress('10.0.0.0/30', '10.0.0.2'))
  t.false(isHostAddress('10.0.0.0/30', '10.0.0.3'))
  t.true(isHostAddress('10.0.0.0/31', '10.0.0.0'))
  t.false(isHostAddress('fd00::/64', 'fd00::'))
  t.true(isHostAddress('fd00::/64', 'fd00::ffff:ffff:ffff:ffff'))
  t.false(isHostAddress('fd00::/64', '10.0.0.1'))
})
