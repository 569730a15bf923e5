import type { Config } from '../../base/config.js'
import { errors } from '../../base/errors.js'
import type { Logger } from '../../base/log.js'
import { canonicalCidr, parseCidr } from '../../net/cidr.js'
import { macOfIp } from '../../net/mac.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { System } from '../../system/system.js'
import { enableForwarding } from './host-forwarding.js'
import { freeRange, hostNumber, isHostAddress, numbered } from './ranges.js'
import { bridgeAltname, bridgeName } from './state.js'

/** The bridge as it is. */
export interface Ground {
  /** IPv4 first, and IPv6 if there is any. */
  readonly subnets: readonly string[]
  /** Of the containers' interfaces, bytes. */
  readonly mtu: number
}

/** Says that the bridge is ours, and may be removed. */
export const bridgeAlias = 'overtap gateway'

export interface GroundParts {
  readonly config: Pick<Config, 'gateway'>
  readonly system: System
  readonly view: Pick<ClusterView, 'networks'>
  readonly log: Logger
}

/** Null when there is no bridge. Rejects with GATEWAY_FOREIGN. */
export async function findGround({
  system,
}: Pick<GroundParts, 'system'>): Promise<Ground | null> {
  const bridge = await system.bridges.find(bridgeName)
  if (bridge === null) return null
  const subnets = bridge.addresses.filter(isHostAddress).map(canonicalCidr)
  const one = (version: 4 | 6) =>
    subnets.filter((subnet) => parseCidr(subnet).version === version)
  const [v4] = one(4)
  if (v4 === undefined) throw errors.GATEWAY_FOREIGN(bridgeName)
  return {
    subnets: [v4, ...one(6).slice(0, 1)],
    mtu: await outerMtu(system),
  }
}

/** Makes the bridge; with `before`, the one that was there. */
export async function makeGround(
  parts: GroundParts,
  before?: Ground,
): Promise<Ground> {
  const { system, log } = parts
  const ground = before ?? {
    subnets: await chooseSubnets(parts),
    mtu: await outerMtu(system),
  }
  const { subnets, mtu } = ground
  const gateways = subnets.map((subnet) => numbered(subnet, hostNumber))
  await system.bridges.create({
    name: bridgeName,
    altname: bridgeAltname,
    alias: bridgeAlias,
    // One of its own: else it changes with the ports, and neighbours err.
    mac: macOfIp(gateways[0] ?? ''),
    mtu,
    addresses: subnets.map(hostCidr),
  })
  await enableForwarding(system.sysctls, subnets.length > 1).catch(
    (error: unknown) => {
      log.warn({ err: error }, 'this host cannot be made to forward packets')
    },
  )
  return ground
}

/** `172.18.0.0/16` -> `172.18.0.1/16` */
function hostCidr(subnet: string): string {
  return `${numbered(subnet, hostNumber)}/${parseCidr(subnet).prefixLength}`
}

async function chooseSubnets(parts: GroundParts): Promise<string[]> {
  const { config, system, view } = parts
  const { subnet, subnet6 } = config.gateway
  const prefixes = [
    ...(await system.routes.prefixes()),
    ...[...view.networks.values()].flatMap(({ value }) =>
      value.subnets.map((one) => one.subnet),
    ),
  ]
  const choose = (family: 4 | 6, asked: string) =>
    asked === 'auto' ? freeRange(family, prefixes) : canonicalCidr(asked)
  const hasV6 = subnet6 !== 'off' && (await canV6(system))
  return [choose(4, subnet), ...(hasV6 ? [choose(6, subnet6)] : [])]
}

async function canV6({ sysctls }: System): Promise<boolean> {
  return (await sysctls.get('net.ipv6.conf.all.disable_ipv6')) === '0'
}

/** Of the way out of the host. */
async function outerMtu({ routes }: System): Promise<number> {
  const device = await routes.defaultDevice()
  const addresses = await routes.addresses()
  const way = addresses.find((address) => address.device === device)
  return Math.min(way?.mtu ?? ordinaryMtu, ordinaryMtu)
}

const ordinaryMtu = 1500
