import test from 'ava'
import { hostFindings } from '../../../../src/node/gateway/host-findings.js'
import type { HostFacts } from '../../../../src/node/gateway/host-findings.js'
import type { FilterChain, FilterTable } from '../../../../src/system/system.js'

const bridge = 'overtap_gwbr'
const well = new Map([
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.all.forwarding', '1'],
])

// -- statements, as libnftables-json(5) has them ------------------------------

const verdict = (kind: string) => ({ [kind]: null })
const jump = (target: string) => ({ jump: { target } })
const goTo = (target: string) => ({ goto: { target } })
const counter = { counter: { packets: 0, bytes: 0 } }
/** A condition of iptables that nft only knows the name of. */
const foreign = { xt: { type: 'match', name: 'conntrack' } }
const meta = (key: string, right: unknown, op = '==') => ({
  match: { op, left: { meta: { key } }, right },
})
const ct = (key: string, right: unknown) => ({
  match: { op: 'in', left: { ct: { key } }, right },
})

type Rules = readonly (readonly unknown[])[]

function base(name: string, policy: string, rules: Rules): FilterChain {
  return { name, policy, rules }
}

function table(
  family: string,
  name: string,
  ...chains: readonly FilterChain[]
): FilterTable {
  return { family, name, chains }
}

/** Docker 20.10 to 28 with iptables, without its own rules for docker0. */
function docker(user: Rules): FilterTable {
  return table(
    ...(['ip', 'filter'] as const),
    base('FORWARD', 'drop', [
      [counter, jump('DOCKER-USER')],
      [meta('oifname', 'docker0'), foreign, counter, verdict('accept')],
      [meta('oifname', 'docker0'), counter, jump('DOCKER')],
      [
        ...[meta('iifname', 'docker0'), meta('oifname', 'docker0', '!=')],
        ...[counter, verdict('accept')],
      ],
    ]),
    { name: 'DOCKER-USER', rules: [...user, [counter, verdict('return')]] },
    { name: 'DOCKER', rules: [] },
  )
}

function ufw(user: Rules): FilterTable {
  return table(
    ...(['ip', 'filter'] as const),
    base('FORWARD', 'drop', [
      [counter, jump('ufw-before-forward')],
      [counter, jump('ufw-reject-forward')],
    ]),
    {
      name: 'ufw-before-forward',
      rules: [
        [foreign, counter, verdict('accept')],
        [counter, jump('ufw-user-forward')],
      ],
    },
    { name: 'ufw-user-forward', rules: user },
    { name: 'ufw-reject-forward', rules: [] },
  )
}

function firewalld(zones: Rules): FilterTable {
  return table(
    ...(['inet', 'firewalld'] as const),
    base('filter_FORWARD', 'accept', [
      [ct('state', { set: ['established', 'related'] }), verdict('accept')],
      [ct('status', 'dnat'), verdict('accept')],
      [meta('iifname', 'lo'), verdict('accept')],
      [ct('state', 'invalid'), verdict('drop')],
      [jump('filter_FORWARD_ZONES')],
      [{ reject: { type: 'icmpx', expr: 'admin-prohibited' } }],
    ]),
    {
      name: 'filter_FORWARD_ZONES',
      rules: [...zones, [goTo('filter_FWD_public')]],
    },
    {
      name: 'filter_FWD_public',
      rules: [[{ reject: { type: 'icmpx', expr: 'admin-prohibited' } }]],
    },
    { name: 'filter_FWD_trusted', rules: [[verdict('accept')]] },
  )
}

const both: Rules = ['iifname', 'oifname'].map((key) => [
  ...[meta(key, bridge), counter, verdict('accept')],
])

// -- findings -----------------------------------------------------------------

function found(part: Partial<HostFacts>): string[] {
  const facts = { bridge, device: 'eth0', publishes: true, hasIpv6: true }
  return hostFindings({ ...facts, sysctls: well, tables: [], ...part }).map(
    ({ problem, remedy }) => `${problem} -> ${remedy}`,
  )
}

test('a host without other rules is well', (t) => {
  t.deepEqual(found({}), [])
})

test('a host that forwards nothing', (t) => {
  const sysctls = new Map([...well, ['net.ipv4.ip_forward', '0']])
  t.deepEqual(found({ sysctls }), [
    'net.ipv4.ip_forward is 0: this host forwards nothing, so containers reach nothing outside -> sysctl -w net.ipv4.ip_forward=1',
  ])
})

test('frames between ports that are treated as routed', (t) => {
  const name = 'net.bridge.bridge-nf-call-iptables'
  const sysctls = new Map([...well, [name, '1']])
  const [finding = ''] = found({ sysctls })
  t.true(finding.startsWith(`${name} is 1: `))
  t.regex(finding, /-> sysctl -w net.bridge.bridge-nf-call-iptables=0,/)
  t.deepEqual(found({ sysctls, publishes: false }), [])
})

for (const [name, tables, remedy] of [
  [
    'Docker',
    [docker([])],
    `iptables -I DOCKER-USER -i ${bridge} -j ACCEPT && iptables -I DOCKER-USER -o ${bridge} -j ACCEPT`,
  ],
  [
    'ufw',
    [ufw([])],
    `ufw route allow in on ${bridge} && ufw route allow out on ${bridge}`,
  ],
  [
    'firewalld',
    [firewalld([])],
    `firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && firewall-cmd --reload`,
  ],
  [
    'a policy of ip6tables',
    [table('ip6', 'filter', base('FORWARD', 'drop', []))],
    `ip6tables -I FORWARD -i ${bridge} -j ACCEPT && ip6tables -I FORWARD -o ${bridge} -j ACCEPT`,
  ],
  [
    'a policy of nftables',
    [table('inet', 'filter', base('forward', 'drop', []))],
    `nft insert rule inet filter forward iifname ${bridge} accept && nft insert rule inet filter forward oifname ${bridge} accept`,
  ],
] as const) {
  test(`${name} drops its packets`, (t) => {
    const [finding = '', ...more] = found({ tables })
    t.regex(finding, /^the chain \S+ of table \S+ \S+ drops packets of/)
    t.is(finding.split(' -> ')[1], remedy)
    t.deepEqual(more, [])
  })
}

for (const [name, tables] of [
  ['Docker', [docker(both)]],
  [
    'Docker, by the beginning of the name',
    [
      docker([
        [meta('iifname', 'overtap*'), verdict('accept')],
        [meta('oifname', 'overtap*'), verdict('accept')],
      ]),
    ],
  ],
  ['ufw', [ufw(both)]],
  [
    'firewalld',
    [firewalld([[meta('iifname', bridge), goTo('filter_FWD_trusted')]])],
  ],
  [
    'firewalld, by a set',
    [
      firewalld([
        [
          meta('iifname', { set: ['eth7', bridge] }),
          goTo('filter_FWD_trusted'),
        ],
      ]),
    ],
  ],
  [
    'a policy of nftables',
    [table('inet', 'filter', base('forward', 'drop', both))],
  ],
  [
    'rules about other links',
    [docker([[meta('iifname', 'eth9'), verdict('drop')], ...both])],
  ],
] as const) {
  test(`${name} lets them pass when told to`, (t) => {
    t.deepEqual(found({ tables }), [])
  })
}

test('one direction is not enough', (t) => {
  for (const rule of both) {
    t.is(found({ tables: [docker([rule])] }).length, 1)
  }
})

test('a loop of chains is not followed for ever', (t) => {
  const chains = table(
    ...(['ip', 'filter'] as const),
    base('FORWARD', 'accept', [[jump('a')]]),
    { name: 'a', rules: [[jump('a')], [jump('a')]] },
  )
  t.deepEqual(found({ tables: [chains] }), [])
})
