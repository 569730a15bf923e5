import test from 'ava'
import { parsePublishedPort } from '../../../../src/net/published-port.js'
import { publishRules } from '../../../../src/node/gateway/publish-rules.js'
import type { GatewayState } from '../../../../src/node/gateway/state.js'

/** A container 172.18.0.2 (and fd18::2) per list of what is published. */
function state(
  publish: readonly (readonly string[])[],
  families: readonly string[] = ['172.18.0.', 'fd18::'],
): GatewayState {
  return {
    bridge: 'overtap_gwbr',
    subnets: ['172.18.0.0/16', 'fd18::/64'],
    gateways: ['172.18.0.1', 'fd18::1'],
    containers: publish.map((texts, index) => ({
      name: `bbox${index + 1}`,
      mac: `02:42:ac:12:00:0${index + 2}`,
      addresses: families.map((family) => `${family}${index + 2}`),
      publish: texts.map(parsePublishedPort),
    })),
  }
}

/** Elements of its maps: `published4: tcp . 80 : 172.18.0.2 . 80`. */
function elements(state: GatewayState): string[] {
  const found: string[] = []
  let map = ''
  for (const line of publishRules(state).definitions) {
    map = /^map (\S+)/.exec(line)?.[1] ?? map
    const [, list = ''] = /^elements = \{ (.*) \}$/.exec(line) ?? []
    found.push(
      ...list
        .split(', ')
        .filter(Boolean)
        .map((one) => `${map}: ${one}`),
    )
  }
  return found
}

test('nothing published needs no rules but the one for the loopback addresses', (t) => {
  t.deepEqual(publishRules(state([[], []])), {
    definitions: [],
    sources: ['iifname "overtap_gwbr" ip daddr 127.0.0.0/8 drop'],
    forward: [],
    outside: [],
  })
})

for (const [text, expected] of [
  [
    '8080:80',
    [
      'published4: tcp . 8080 : 172.18.0.2 . 80',
      'published6: tcp . 8080 : fd18::2 . 80',
    ],
  ],
  ['0.0.0.0:53:53/udp', ['published4: udp . 53 : 172.18.0.2 . 53']],
  ['[::]:80:80', ['published6: tcp . 80 : fd18::2 . 80']],
  [
    '192.168.56.130:80:81/sctp',
    ['published4_at: 192.168.56.130 . sctp . 80 : 172.18.0.2 . 81'],
  ],
  ['[fd56::130]:80:81', ['published6_at: fd56::130 . tcp . 80 : fd18::2 . 81']],
  [
    '0.0.0.0:7000-7002:80-82',
    [
      'published4: tcp . 7000 : 172.18.0.2 . 80',
      'published4: tcp . 7001 : 172.18.0.2 . 81',
      'published4: tcp . 7002 : 172.18.0.2 . 82',
    ],
  ],
] as const) {
  test(`${text} leads to`, (t) => {
    t.deepEqual(elements(state([[text]])), [...expected])
  })
}

test('a container without IPv6 is published over IPv4 only', (t) => {
  t.deepEqual(elements(state([['80:80', '[::]:81:81']], ['172.18.0.'])), [
    'published4: tcp . 80 : 172.18.0.2 . 80',
  ])
})

test('each container has its own', (t) => {
  const both = state([['80:80'], ['81:80']], ['172.18.0.'])
  t.deepEqual(elements(both), [
    'published4: tcp . 80 : 172.18.0.2 . 80',
    'published4: tcp . 81 : 172.18.0.3 . 80',
  ])
})

test('rules name no map that does not exist', (t) => {
  for (const text of ['80:80', '10.0.0.1:80:80', '[fd00::1]:80:80']) {
    const all = publishRules(state([[text]])).definitions.join('\n')
    const named = [...all.matchAll(/@(\S+)/g)].map(([, name]) => name).sort()
    const defined = [...all.matchAll(/^map (\S+)/gm)].map(([, name]) => name)
    t.deepEqual(named, defined.sort())
  }
})
