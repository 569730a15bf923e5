import test from 'ava'
import { ruleset } from '../../../../src/node/gateway/rules.js'
import type { GatewayState } from '../../../../src/node/gateway/state.js'

const state: GatewayState = {
  bridge: 'overtap_gwbr',
  subnets: ['172.18.0.0/16', 'fd00::/64'],
  gateways: ['172.18.0.1', 'fd00::1'],
  containers: [
    {
      name: 'bbox1',
      mac: '02:42:ac:12:00:02',
      addresses: ['172.18.0.2', 'fd00::2'],
      publish: [],
    },
  ],
}

test('the whole table is replaced in one transaction', (t) => {
  const lines = ruleset(state).split('\n')
  t.deepEqual(lines.slice(0, 3), [
    'add table inet overtap',
    'delete table inet overtap',
    'table inet overtap {',
  ])
  t.is(lines.filter((line) => line.includes('table')).length, 3)
})

test('a MAC sends from its own addresses, or not at all', (t) => {
  const rules = ruleset(state)
  t.true(
    rules.includes('ip saddr . ether saddr { 172.18.0.2 . 02:42:ac:12:00:02 }'),
  )
  t.true(
    rules.includes('ip6 saddr . ether saddr { fd00::2 . 02:42:ac:12:00:02 }'),
  )
  t.true(rules.includes('iifname "overtap_gwbr" drop'))
})

test('both families are masqueraded towards all but the bridge', (t) => {
  const masquerades = ruleset(state)
    .split('\n')
    .filter((line) => line.endsWith('!= "overtap_gwbr" masquerade'))
  t.deepEqual(masquerades, [
    'ip saddr 172.18.0.0/16 oifname != "overtap_gwbr" masquerade',
    'ip6 saddr fd00::/64 oifname != "overtap_gwbr" masquerade',
  ])
})

test('without IPv6 there are no rules for it', (t) => {
  const v4: GatewayState = {
    ...state,
    subnets: state.subnets.slice(0, 1),
    containers: [],
  }
  t.false(ruleset(v4).includes('ether saddr'))
  t.false(ruleset(v4).includes('ip6 saddr fd00'))
})
