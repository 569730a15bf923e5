import type { GatewayContainer, GatewayState } from './state.js'
import { publishRules } from './publish-rules.js'

/** The one table of ours; everything in it is. */
export const tableName = 'overtap'

/**
 * A script for `nft -f` that replaces the whole table in one transaction: no
 * packet meets half of it. The table is added first, as only what exists can
 * be deleted.
 */
export function ruleset(state: GatewayState): string {
  const { definitions, ...publish } = publishRules(state)
  return [
    `add table inet ${tableName}`,
    `delete table inet ${tableName}`,
    `table inet ${tableName} {`,
    ...definitions,
    ...chain('sources', 'filter hook prerouting priority raw - 10', [
      ...publish.sources,
      ...sourceRules(state),
    ]),
    ...chain('forward', 'filter hook forward priority filter', [
      ...publish.forward,
      ...forwardRules(state),
    ]),
    ...chain('outside', 'nat hook postrouting priority srcnat', [
      ...publish.outside,
      ...masquerades(state),
    ]),
    '}',
    '',
  ].join('\n')
}

function chain(name: string, hook: string, rules: readonly string[]): string[] {
  return [`chain ${name} {`, `type ${hook}; policy accept;`, ...rules, '}']
}

/**
 * The bridge sees to it that a port sends from its own MAC only, and these that
 * a MAC sends from its own addresses only. Link-local ones are not forwarded;
 * neighbour discovery needs them.
 */
function sourceRules({ bridge, containers }: GatewayState): string[] {
  const from = `iifname "${bridge}"`
  return [
    ...[4, 6].flatMap((version) => {
      const known = pairs(containers, version === 6)
      if (known.length === 0) return []
      const word = version === 6 ? 'ip6' : 'ip'
      return `${from} ${word} saddr . ether saddr { ${known.join(', ')} } accept`
    }),
    `${from} ip6 saddr { ::, fe80::/10 } accept`,
    `${from} drop`,
  ]
}

function pairs(
  containers: readonly GatewayContainer[],
  isV6: boolean,
): string[] {
  return containers.flatMap(({ mac, addresses }) =>
    addresses
      .filter((address) => address.includes(':') === isV6)
      .map((address) => `${address} . ${mac}`),
  )
}

/** Out, and back what was asked for; nothing from one container to another. */
function forwardRules({ bridge }: GatewayState): string[] {
  return [
    `iifname "${bridge}" oifname != "${bridge}" accept`,
    `oifname "${bridge}" iifname != "${bridge}" ct state established,related accept`,
    `oifname "${bridge}" drop`,
  ]
}

function masquerades({ bridge, subnets }: GatewayState): string[] {
  return subnets.map((subnet) => {
    const word = subnet.includes(':') ? 'ip6' : 'ip'
    return `${word} saddr ${subnet} oifname != "${bridge}" masquerade`
  })
}
