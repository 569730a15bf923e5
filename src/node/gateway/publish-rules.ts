import { ipVersion } from '../../net/ip.js'
import type { IpVersion } from '../../net/ip.js'
import type { PublishedPort } from '../../net/published-port.js'
import { rangeSize } from '../../net/published-port.js'
import type { GatewayContainer, GatewayState } from './state.js'

/** What published ports need, in the language of `nft`, by where it belongs. */
export interface PublishRules {
  /** Sets, maps and chains of their own: what stands beside other chains. */
  readonly definitions: readonly string[]
  /** Rules of the chain `sources` (prerouting, before conntrack). */
  readonly sources: readonly string[]
  /** Rules of the chain `forward`, before the others. */
  readonly forward: readonly string[]
  /** Rules of the chain `outside` (postrouting, source NAT), before the others. */
  readonly outside: readonly string[]
}

/** One port of the host, of one family. */
export interface Lead {
  /** Null for all addresses of the host. */
  readonly ip: string | null
  readonly protocol: string
  readonly port: number
  readonly to: string
  readonly toPort: number
}

const words = { 4: 'ip', 6: 'ip6' } as const
const types = { 4: 'ipv4_addr', 6: 'ipv6_addr' } as const
const wildcards = { 4: '0.0.0.0', 6: '::' } as const
/** Addresses that stay inside the host. */
const loopback = { 4: '127.0.0.0/8', 6: '::1' } as const

/**
 * Destination NAT for the addresses of the host. Ports are elements of maps:
 * one look-up per connection, however many are published. Pure.
 */
export function publishRules(state: GatewayState): PublishRules {
  const families = ([4, 6] as const).map((family) => ({
    family,
    leads: state.containers.flatMap((one) => leads(one, family)),
  }))
  if (families.every(({ leads }) => leads.length === 0)) {
    const { sources } = passage(state)
    return { definitions: [], sources, forward: [], outside: [] }
  }
  return {
    definitions: [
      ...families.flatMap(({ family, leads }) => maps(family, leads)),
      ...chains(families.flatMap(({ family, leads }) => dnats(family, leads))),
    ],
    ...passage(state),
  }
}

/** All of them. */
export function leadsOf({ containers }: GatewayState): Lead[] {
  return containers.flatMap((one) => [...leads(one, 4), ...leads(one, 6)])
}

/** What of a container's ports leads to its address of this family. */
function leads(
  { addresses, publish }: GatewayContainer,
  family: IpVersion,
): Lead[] {
  const to = addresses.find((address) => ipVersion(address) === family)
  if (to === undefined) return []
  return publish.flatMap((one) =>
    one.ip === undefined || ipVersion(one.ip) === family
      ? single(one, family, to)
      : [],
  )
}

/** nft cannot shift a range of ports: an element for each. */
function single(
  { ip, hostPorts, containerPorts, protocol }: PublishedPort,
  family: IpVersion,
  to: string,
): Lead[] {
  return Array.from({ length: rangeSize(hostPorts) }, (_, index) => ({
    ip: ip === undefined || ip === wildcards[family] ? null : ip,
    protocol,
    port: hostPorts.first + index,
    to,
    toPort: containerPorts.first + index,
  }))
}

function maps(family: IpVersion, leads: readonly Lead[]): string[] {
  const type = types[family]
  return [
    ...map(`published${family}`, '', type, ofAll(leads)),
    ...map(`published${family}_at`, `${type} . `, type, ofOne(leads)),
  ]
}

function map(
  name: string,
  address: string,
  type: string,
  leads: readonly Lead[],
): string[] {
  if (leads.length === 0) return []
  const elements = leads.map(
    ({ ip, protocol, port, to, toPort }) =>
      `${ip === null ? '' : `${ip} . `}${protocol} . ${port} : ${to} . ${toPort}`,
  )
  return [
    `map ${name} {`,
    `type ${address}inet_proto . inet_service : ${type} . inet_service`,
    `elements = { ${elements.join(', ')} }`,
    '}',
  ]
}

function dnats(family: IpVersion, leads: readonly Lead[]): string[] {
  const word = words[family]
  const rule = (key: string, map: string) =>
    `meta l4proto { tcp, udp, sctp } dnat ${word} to ${key}meta l4proto . th dport map @${map}`
  return [
    ...(ofOne(leads).length > 0
      ? [rule(`${word} daddr . `, `published${family}_at`)]
      : []),
    ...(ofAll(leads).length > 0 ? [rule('', `published${family}`)] : []),
  ]
}

/**
 * From outside and from containers, and from the host itself. What comes from
 * outside for a loopback address is left to the kernel, which drops it; IPv6
 * cannot leave from one.
 */
function chains(dnats: readonly string[]): string[] {
  return [
    'chain publish {',
    ...dnats,
    '}',
    'chain arriving {',
    'type nat hook prerouting priority dstnat; policy accept;',
    `ip daddr ${loopback[4]} return`,
    'fib daddr type local jump publish',
    '}',
    'chain own {',
    'type nat hook output priority -100; policy accept;',
    `ip6 daddr ${loopback[6]} return`,
    'fib daddr type local jump publish',
    '}',
  ]
}

/**
 * A container that answers another one, or itself, must do so through the host,
 * and so sees the host's address as sender. Towards a loopback address the
 * bridge lets pass what the host sent from there (`route_localnet`): nothing
 * else may.
 */
function passage({ bridge }: GatewayState): Omit<PublishRules, 'definitions'> {
  const [from, to] = [`iifname "${bridge}"`, `oifname "${bridge}"`]
  return {
    sources: [`${from} ip daddr ${loopback[4]} drop`],
    forward: [`${to} ct status dnat accept`],
    outside: [
      `${from} ${to} ct status dnat masquerade`,
      `${to} ip saddr ${loopback[4]} masquerade`,
    ],
  }
}

function ofAll(leads: readonly Lead[]): Lead[] {
  return leads.filter(({ ip }) => ip === null)
}

function ofOne(leads: readonly Lead[]): Lead[] {
  return leads.filter(({ ip }) => ip !== null)
}
