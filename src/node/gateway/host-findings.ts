import type { FilterChain, FilterTable } from '../../system/system.js'
import { forwardVerdict } from './forward-verdict.js'
import type { Passage } from './forward-verdict.js'

/** Something about the host that keeps packets from where they should go. */
export interface HostFinding {
  /** A sentence without a full stop. */
  readonly problem: string
  /** Commands, or what else to do. */
  readonly remedy: string
}

export interface HostFacts {
  /** The kernel's name of the bridge. */
  readonly bridge: string
  /** Through which the host reaches the outside. */
  readonly device: string
  /** Is there a published port? */
  readonly publishes: boolean
  readonly hasIpv6: boolean
  /** By name; those that are not there are absent. */
  readonly sysctls: ReadonlyMap<string, string>
  /** Of others, with a chain at `forward`. */
  readonly tables: readonly FilterTable[]
}

/** The switches that are looked at. */
export const sysctlNames = {
  forward4: 'net.ipv4.ip_forward',
  forward6: 'net.ipv6.conf.all.forwarding',
  bridged4: 'net.bridge.bridge-nf-call-iptables',
  bridged6: 'net.bridge.bridge-nf-call-ip6tables',
} as const

/** What somebody has to do for the gateway to work. Pure. */
export function hostFindings(facts: HostFacts): HostFinding[] {
  return [
    ...forwarding(facts),
    ...bridgedCalls(facts),
    ...facts.tables.flatMap((table) => filters(table, facts)),
  ]
}

function forwarding({ sysctls, hasIpv6 }: HostFacts): HostFinding[] {
  const names = [
    sysctlNames.forward4,
    ...(hasIpv6 ? [sysctlNames.forward6] : []),
  ]
  return names
    .filter((name) => sysctls.get(name) === '0')
    .map((name) => ({
      problem: `${name} is 0: this host forwards nothing, so containers reach nothing outside`,
      remedy: `sysctl -w ${name}=1`,
    }))
}

/**
 * With it the kernel treats frames between ports as if they were routed: what
 * a container sends to its own host, and a published port leads back to the
 * bridge, is bridged (br_nf_pre_routing_finish), from one isolated port to
 * another, and dropped.
 */
function bridgedCalls({ sysctls, publishes, hasIpv6 }: HostFacts) {
  if (!publishes) return []
  const names = [
    sysctlNames.bridged4,
    ...(hasIpv6 ? [sysctlNames.bridged6] : []),
  ]
  const on = names.filter((name) => sysctls.get(name) === '1')
  if (on.length === 0) return []
  return [
    {
      problem: `${on.join(' and ')} is 1: containers of this host do not reach ports that it publishes`,
      remedy: `sysctl -w ${on.map((name) => `${name}=0`).join(' ')}, unless something else needs it; between containers use their overlay addresses`,
    },
  ]
}

function filters(table: FilterTable, facts: HostFacts): HostFinding[] {
  return table.chains
    .filter(({ policy }) => policy !== undefined)
    .filter((chain) => isShut(table, chain, facts))
    .map((chain) => ({
      problem: `the chain ${chain.name} of table ${table.family} ${table.name} drops packets of ${facts.bridge}`,
      remedy: remedy(table, chain, facts.bridge),
    }))
}

/** Answers pass by rules about connections, some of which cannot be read here. */
function isShut(
  table: FilterTable,
  chain: FilterChain,
  { bridge, device, publishes }: HostFacts,
): boolean {
  const out = { from: bridge, to: device, isPublished: false }
  const back = { from: device, to: bridge, isPublished: false }
  const fresh: Passage[] = [
    { ...out, state: 'new' },
    ...(publishes
      ? [{ ...back, state: 'new' as const, isPublished: true }]
      : []),
  ]
  const answers: Passage[] = [
    { ...back, state: 'established' },
    ...(publishes ? [{ ...out, state: 'established' as const }] : []),
  ]
  const verdict = (passage: Passage) => forwardVerdict(table, chain, passage)
  return (
    fresh.some((passage) => verdict(passage) !== 'accept') ||
    answers.some((passage) => verdict(passage) === 'drop')
  )
}

/** In the words of who made the table. */
function remedy(
  { family, name, chains }: FilterTable,
  chain: FilterChain,
  bridge: string,
): string {
  const has = (name: string) => chains.some((chain) => chain.name === name)
  if (name === 'firewalld') {
    return `firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && firewall-cmd --reload`
  }
  if (has('ufw-user-forward') || has('ufw6-user-forward')) {
    return `ufw route allow in on ${bridge} && ufw route allow out on ${bridge}`
  }
  const isIptables =
    name === 'filter' && chain.name === 'FORWARD' && family !== 'inet'
  if (isIptables) {
    const tool = family === 'ip6' ? 'ip6tables' : 'iptables'
    const into = has('DOCKER-USER') ? 'DOCKER-USER' : 'FORWARD'
    return ['-i', '-o']
      .map((side) => `${tool} -I ${into} ${side} ${bridge} -j ACCEPT`)
      .join(' && ')
  }
  return ['iifname', 'oifname']
    .map(
      (side) =>
        `nft insert rule ${family} ${name} ${chain.name} ${side} ${bridge} accept`,
    )
    .join(' && ')
}
