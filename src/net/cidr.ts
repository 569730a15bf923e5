import {
  ADDRESS_BITS,
  bigintToIp,
  canonicalIp,
  ipToBigint,
  ipVersion,
  isIp,
} from './ip.js'
import type { IpVersion } from './ip.js'

/**
 * Subnets (`10.0.0.0/24`) and addresses with their prefix length
 * (`10.0.0.2/24`) as canonical strings. Invalid text throws a TypeError (see
 * ip.ts). Numbers of addresses are bigint: an IPv6 /64 has 2^64.
 */

export interface Cidr {
  readonly version: IpVersion
  /** The part before the slash, host bits included. */
  readonly address: string
  readonly prefixLength: number
  /** First address, host bits zero. */
  readonly network: bigint
  /** Last address, host bits one: IPv4's broadcast address. */
  readonly last: bigint
}

/** Host bits may be set: an interface's `10.0.0.2/24` is valid. */
export function isCidr(text: string): boolean {
  const [ip = '', length = '', ...rest] = text.split('/')
  if (rest.length > 0 || !isIp(ip) || !/^(0|[1-9]\d{0,2})$/.test(length))
    return false
  return Number(length) <= ADDRESS_BITS[ipVersion(ip)]
}

export function parseCidr(cidr: string): Cidr {
  if (!isCidr(cidr)) throw new TypeError(`not an address/prefix: ${cidr}`)
  const [ip = '', length = ''] = cidr.split('/')
  const version = ipVersion(ip)
  const prefixLength = Number(length)
  const hostMask = (1n << BigInt(ADDRESS_BITS[version] - prefixLength)) - 1n
  const last = ipToBigint(ip) | hostMask
  const network = last - hostMask
  return { version, address: canonicalIp(ip), prefixLength, network, last }
}

/** The subnet, host bits cleared: `10.0.0.7/24` -> `10.0.0.0/24`. */
export function canonicalCidr(cidr: string): string {
  const { network, version, prefixLength } = parseCidr(cidr)
  return `${bigintToIp(network, version)}/${prefixLength}`
}

/** `10.0.0.2/24` -> `10.0.0.2`. */
export function addressOf(cidr: string): string {
  return parseCidr(cidr).address
}

/** `10.0.0.2` in `10.0.0.0/24` -> `10.0.0.2/24`. */
export function withPrefix(ip: string, cidr: string): string {
  return `${canonicalIp(ip)}/${parseCidr(cidr).prefixLength}`
}

/** The prefix that holds one address and no other: `10.0.0.2/32`. */
export function hostPrefix(ip: string): string {
  return `${ip}/${ADDRESS_BITS[ipVersion(ip)]}`
}

/** False, too, when the versions differ. */
export function cidrContains(cidr: string, ip: string): boolean {
  const { version, network, last } = parseCidr(cidr)
  if (ipVersion(ip) !== version) return false
  const value = ipToBigint(ip)
  return value >= network && value <= last
}

/** True when an address is in both; false, too, when the versions differ. */
export function cidrsOverlap(a: string, b: string): boolean {
  const [one, other] = [parseCidr(a), parseCidr(b)]
  if (one.version !== other.version) return false
  return one.network <= other.last && other.network <= one.last
}

/** The smallest address a host may have. */
export function firstHost(cidr: string): string {
  const parsed = parseCidr(cidr)
  return bigintToIp(hostRange(parsed).first, parsed.version)
}

/** The largest address a host may have. */
export function lastHost(cidr: string): string {
  const parsed = parseCidr(cidr)
  return bigintToIp(hostRange(parsed).last, parsed.version)
}

export function hostCount(cidr: string): bigint {
  const { first, last } = hostRange(parseCidr(cidr))
  return last - first + 1n
}

/** Every host address in ascending order, made as they are asked for. */
export function* hosts(cidr: string): Generator<string, void> {
  const parsed = parseCidr(cidr)
  const { first, last } = hostRange(parsed)
  for (let ip = first; ip <= last; ip++) yield bigintToIp(ip, parsed.version)
}

/**
 * Not for hosts: the network address, which for IPv6 is the routers' anycast
 * address (RFC 4291 section 2.6.1), and IPv4's broadcast address. Subnets of
 * one and two addresses have neither (RFC 3021, RFC 6164).
 */
function hostRange({ version, network, last }: Cidr) {
  if (last - network <= 1n) return { first: network, last }
  return { first: network + 1n, last: version === 4 ? last - 1n : last }
}
