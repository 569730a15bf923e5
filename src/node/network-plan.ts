import { hostPrefix } from '../net/cidr.js'
import type { Config } from '../base/config.js'
import { errors } from '../base/errors.js'
import { localPrefix } from '../ipam/local-prefix.js'
import { firstSubnet, nextSubnet } from '../ipam/subnet-pools.js'
import { planSubnets } from '../ipam/subnets.js'
import type { Occupied, PlannedSubnet } from '../ipam/subnets.js'
import { explicitVni, nextVni } from '../ipam/vni.js'
import type { Allocation, Network } from '../store/records.js'
import type { ClusterView } from '../store/replica.js'
import { checkOptions, readOptions, vxlanIdOption } from './network-options.js'
import type { CreateNetwork } from './use-cases.js'

/** All that a plan depends on; equal situations give equal plans. */
export interface Situation {
  readonly view: ClusterView
  readonly config: Pick<Config, 'host' | 'pools' | 'firstVni' | 'port'>
  /** Prefixes this host routes now; its record may be older. */
  readonly ownRoutes: readonly string[]
  readonly id: string
  readonly createdAt: string
}

export interface NetworkPlan {
  readonly network: Network
  readonly allocation: Allocation
}

/**
 * Decides what a new network gets: VNI, subnets, gateways. Changes nothing.
 * Throws an error for every request that cannot be met.
 */
export function planNetwork(
  request: CreateNetwork,
  situation: Situation,
): NetworkPlan {
  const { view, config } = situation
  checkName(request.name)
  checkOptions(request.options)
  if (view.networkByName(request.name) !== undefined) {
    throw errors.NETWORK_EXISTS(request.name)
  }
  const { subnets, nextPool } = chooseSubnets(request, situation)
  const { vni, next } = chooseVni(askedVni(request), situation)
  const network: Network = {
    id: situation.id,
    name: request.name,
    vni,
    subnets,
    internal: request.internal,
    options: { ...request.options },
    labels: { ...request.labels },
    createdAt: situation.createdAt,
    createdBy: config.host,
  }
  return { network, allocation: { nextVni: next, nextPool } }
}

/** Docker's rule (moby daemon/names), with a limit. */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(name)) {
    throw errors.NETWORK_NAME_INVALID(name)
  }
}

function chooseSubnets(
  request: CreateNetwork,
  situation: Situation,
): { subnets: PlannedSubnet[]; nextPool: string } {
  const { pools } = situation.config
  const occupied = occupiedPrefixes(request.options, situation)
  const { nextPool } = nextInLine(situation)
  const automatic: string[] = []
  let following = nextPool
  if (needsIpv4(request)) {
    const { subnet, next } = nextSubnet(pools, nextPool, occupied)
    automatic.push(subnet)
    following = next
  }
  if (needsIpv6(request)) automatic.push(localPrefix(situation.id, occupied))
  const subnets = [...automatic, ...request.subnets]
  return {
    subnets: planSubnets({ ...request, subnets }, occupied),
    nextPool: following,
  }
}

/** Where the next VNI and the next automatic subnet are looked for. */
export function nextInLine({
  view,
  config: { pools, firstVni },
}: Pick<Situation, 'view' | 'config'>): Allocation {
  return (
    view.allocation?.value ?? {
      nextVni: firstVni,
      nextPool: firstSubnet(pools as [(typeof pools)[0], ...typeof pools]),
    }
  )
}

/** With only IPv6 subnets given, containers get an IPv4 address too, as in Docker. */
function needsIpv4({ subnets }: CreateNetwork): boolean {
  return subnets.every(isV6)
}

function needsIpv6({ subnets, ipv6 = false }: CreateNetwork): boolean {
  return ipv6 && !subnets.some(isV6)
}

function isV6(subnet: string): boolean {
  return subnet.includes(':')
}

/** What hosts and networks use already, and the peers of the new network. */
export function occupiedPrefixes(
  options: CreateNetwork['options'],
  { view, config, ownRoutes }: Omit<Situation, 'id' | 'createdAt'>,
): Occupied[] {
  const networks = [...view.networks.values()].map(({ value }) => value)
  const hosts = [...view.hosts.values()].map(({ value }) => value)
  const { peers } = readOptions(options, config.port)
  return [
    ...networks.flatMap(({ name, subnets }) =>
      subnets.map(({ subnet }) => ({
        prefix: subnet,
        holder: `network ${name}`,
      })),
    ),
    ...ownRoutes.map((prefix) => ({
      prefix,
      holder: `a route of ${config.host}`,
    })),
    ...hosts.flatMap(({ name, routes }) =>
      routes.map((prefix) => ({ prefix, holder: `a route of ${name}` })),
    ),
    ...hosts.map(({ name, address }) => ({
      prefix: hostPrefix(address),
      holder: `the address of ${name}`,
    })),
    ...peers.map(({ address }) => ({
      prefix: hostPrefix(address),
      holder: 'the address of a static peer',
    })),
  ]
}

/** By `--vni` or by Docker's option for it. */
function askedVni({ vni, options }: CreateNetwork): number | undefined {
  const option = readOptions(options, 1).vni
  if (vni !== undefined && option !== undefined && option !== vni) {
    const value = options[vxlanIdOption] ?? ''
    const problem = `it is not --vni ${vni}`
    throw errors.NETWORK_OPTION_INVALID(vxlanIdOption, value, problem)
  }
  return vni ?? option
}

function chooseVni(
  asked: number | undefined,
  { view, config }: Situation,
): { vni: number; next: number } {
  const used = new Map(
    [...view.networks.values()].map(({ value }) => [value.vni, value.name]),
  )
  const next = nextInLine({ view, config }).nextVni
  if (asked !== undefined) return { vni: explicitVni(asked, used), next }
  return nextVni({ first: config.firstVni, next }, used)
}
