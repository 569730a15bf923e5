import { errors } from '../base/errors.js'
import {
  canonicalCidr,
  cidrContains,
  cidrsOverlap,
  firstHost,
  hostCount,
  isCidr,
  lastHost,
  parseCidr,
} from '../net/cidr.js'
import { bigintToIp, canonicalIp, compareIps, isIp } from '../net/ip.js'

/** The subnets a user asks for: checks, and what Docker fills in. */

export interface SubnetRequest {
  readonly subnets: readonly string[]
  /** Each belongs to the subnet that contains it; likewise the ranges. */
  readonly gateways: readonly string[]
  readonly ipRanges: readonly string[]
  /** Reserved addresses by the names users give them. */
  readonly auxAddresses?: AuxAddresses | undefined
}

/** Name -> address. */
export type AuxAddresses = Readonly<Record<string, string>>

export interface PlannedSubnet {
  readonly subnet: string
  readonly gateway: string
  readonly ipRange?: string | undefined
  /** Addresses for others than containers, by the names users gave them. */
  readonly auxAddresses?: AuxAddresses | undefined
}

/** A prefix that no new subnet may overlap, and whose it is. */
export interface Occupied {
  readonly prefix: string
  /** As in "overlaps with ...": `network ov_net1`, `a route of host2`. */
  readonly holder: string
}

/**
 * Throws SUBNET_INVALID, SUBNET_OVERLAPS, GATEWAY_INVALID, IP_RANGE_INVALID or
 * AUX_ADDRESS_INVALID, in Docker's words where it has some.
 */
export function planSubnets(
  request: SubnetRequest,
  occupied: readonly Occupied[],
): PlannedSubnet[] {
  const subnets = request.subnets.map(checkedSubnet)
  subnets.forEach((subnet, index) => {
    const siblings = subnets.slice(0, index).map((prefix) => ({
      prefix,
      holder: 'another subnet of the same network',
    }))
    refuseOverlap(subnet, [...siblings, ...occupied])
  })
  const gateways = request.gateways.map((gateway) => {
    if (!isIp(gateway)) throw errors.GATEWAY_INVALID(gateway, 'not an address')
    return canonicalIp(gateway)
  })
  const ipRanges = request.ipRanges.map((range) => {
    if (!isCidr(range)) throw errors.IP_RANGE_INVALID(range, 'not a CIDR')
    return canonicalCidr(range)
  })
  refuseStrays(subnets, gateways, ipRanges)
  return withAuxAddresses(
    subnets.map((subnet) => complete(subnet, gateways, ipRanges)),
    request.auxAddresses ?? {},
  )
}

/** The gateway is the first host unless the user says otherwise. */
function complete(
  subnet: string,
  gateways: readonly string[],
  ipRanges: readonly string[],
): PlannedSubnet {
  const [gateway = firstHost(subnet), ...moreGateways] = gateways.filter(
    (candidate) => cidrContains(subnet, candidate),
  )
  const [ipRange, ...moreRanges] = ipRanges.filter((candidate) =>
    isWithin(candidate, subnet),
  )
  const [second] = moreGateways
  if (second !== undefined)
    throw errors.GATEWAY_INVALID(second, `${subnet} has a gateway already`)
  const [secondRange] = moreRanges
  if (secondRange !== undefined)
    throw errors.IP_RANGE_INVALID(secondRange, `${subnet} has a range already`)
  refuseReserved(subnet, gateway)
  return { subnet, gateway, ...(ipRange !== undefined && { ipRange }) }
}

/** Each is reserved in the subnet that contains it. */
function withAuxAddresses(
  subnets: readonly PlannedSubnet[],
  asked: AuxAddresses,
): PlannedSubnet[] {
  const aux = Object.entries(asked).map(([name, text]) => {
    if (!isIp(text)) throw errors.AUX_ADDRESS_INVALID(text, 'not an address')
    return { name, address: canonicalIp(text) }
  })
  aux.forEach(({ address }, index) => {
    const problem = auxProblem(subnets, address)
    if (problem !== null) throw errors.AUX_ADDRESS_INVALID(address, problem)
    if (aux.findIndex((other) => other.address === address) < index)
      throw errors.AUX_ADDRESS_INVALID(address, 'it is given twice')
  })
  return subnets.map((one) => {
    const inside = aux.filter(({ address }) =>
      cidrContains(one.subnet, address),
    )
    if (inside.length === 0) return one
    const entries = inside.map(({ name, address }) => [name, address] as const)
    return { ...one, auxAddresses: Object.fromEntries(entries) }
  })
}

function auxProblem(
  subnets: readonly PlannedSubnet[],
  address: string,
): string | null {
  const home = subnets.find(({ subnet }) => cidrContains(subnet, address))
  if (home === undefined) return 'no matching subnet for aux-address'
  if (address === home.gateway) return 'the address of the gateway'
  if (isHostAddress(home.subnet, address)) return null
  return `the network or broadcast address of ${home.subnet}`
}

function checkedSubnet(text: string): string {
  if (!isCidr(text)) throw errors.SUBNET_INVALID(text, 'not a CIDR')
  const subnet = canonicalCidr(text)
  const { address, network, version } = parseCidr(text)
  const first = bigintToIp(network, version)
  if (address !== first)
    throw errors.SUBNET_INVALID(text, `it should be ${subnet}`)
  if (hostCount(subnet) < 2n)
    throw errors.SUBNET_INVALID(text, 'no room for a gateway and one container')
  const special = specialPrefixes.find((prefix) => cidrsOverlap(prefix, subnet))
  if (special !== undefined)
    throw errors.SUBNET_INVALID(text, `${special} is not for hosts`)
  return subnet
}

/** This network, loopback, link-local, multicast and reserved (RFC 6890). */
const specialPrefixes = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/8',
  'fe80::/10',
  'ff00::/8',
] as const

function refuseOverlap(subnet: string, occupied: readonly Occupied[]): void {
  const other = occupied.find(({ prefix }) => cidrsOverlap(prefix, subnet))
  if (other !== undefined)
    throw errors.SUBNET_OVERLAPS(subnet, other.holder, other.prefix)
}

function refuseStrays(
  subnets: readonly string[],
  gateways: readonly string[],
  ipRanges: readonly string[],
): void {
  for (const gateway of gateways) {
    if (!subnets.some((subnet) => cidrContains(subnet, gateway)))
      throw errors.GATEWAY_INVALID(gateway, 'no matching subnet for gateway')
  }
  for (const range of ipRanges) {
    if (!subnets.some((subnet) => isWithin(range, subnet)))
      throw errors.IP_RANGE_INVALID(range, 'no matching subnet for range')
  }
}

/** Network and broadcast addresses are nobody's. */
function refuseReserved(subnet: string, gateway: string): void {
  if (!isHostAddress(subnet, gateway))
    throw errors.GATEWAY_INVALID(
      gateway,
      `the network or broadcast address of ${subnet}`,
    )
}

/** In the subnet, and neither its network nor its broadcast address. */
export function isHostAddress(subnet: string, address: string): boolean {
  return (
    cidrContains(subnet, address) &&
    compareIps(firstHost(subnet), address) <= 0 &&
    compareIps(address, lastHost(subnet)) <= 0
  )
}

function isWithin(inner: string, outer: string): boolean {
  const [one, other] = [parseCidr(inner), parseCidr(outer)]
  return (
    one.version === other.version &&
    one.network >= other.network &&
    one.last <= other.last
  )
}
