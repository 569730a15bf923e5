import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * IP addresses as canonical strings: dotted decimal for IPv4, RFC 5952 for
 * IPv6, no zone.
 *
 * All of src/net fails in one way: text that is not a valid value throws a
 * TypeError that quotes it. Callers that hold user input ask `isIp`, `isCidr`,
 * `isMac` or `isVni` first and raise an error of their own.
 */

export type IpVersion = 4 | 6

export const ADDRESS_BITS = { 4: 32, 6: 128 } as const

/** True for every spelling that the functions below accept. */
export function isIp(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}

export function ipVersion(ip: string): IpVersion {
  const version = isIP(ip)
  if (version === 0 || ip.includes('%')) {
    throw new TypeError(`not an IP address: ${ip}`)
  }
  return version as IpVersion
}

/** `FD00:0::1` -> `fd00::1`. IPv4-mapped addresses stay IPv6. */
export function canonicalIp(ip: string): string {
  return ipVersion(ip) === 4 ? ip : ipaddr.parse(ip).toString()
}

/** 4 or 16 bytes in network order. */
export function ipToBytes(ip: string): Uint8Array {
  ipVersion(ip)
  return Uint8Array.from(ipaddr.parse(ip).toByteArray())
}

/** The inverse of `ipToBytes`. */
export function bytesToIp(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new TypeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`)
  }
  return ipaddr.fromByteArray([...bytes]).toString()
}

export function ipToBigint(ip: string): bigint {
  return ipToBytes(ip).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

export function bigintToIp(value: bigint, version: IpVersion): string {
  const bits = ADDRESS_BITS[version]
  if (value < 0n || value >> BigInt(bits) !== 0n) {
    throw new TypeError(`not an IPv${version} address: ${value.toString()}`)
  }
  // Candidates for addresses are made by the hundred.
  if (version === 4) return dottedDecimal(Number(value))
  const bytes = Uint8Array.from({ length: bits / 8 }, (_, index) =>
    Number((value >> BigInt(bits - 8 * (index + 1))) & 0xffn),
  )
  return bytesToIp(bytes)
}

function dottedDecimal(value: number): string {
  const [a, b, c] = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255]
  return `${a}.${b}.${c}.${value & 255}`
}

/** Order for sorting: IPv4 before IPv6, then by number. */
export function compareIps(a: string, b: string): number {
  const versions = ipVersion(a) - ipVersion(b)
  if (versions !== 0) return versions
  const difference = ipToBigint(a) - ipToBigint(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Multicast of either version, and IPv4's limited broadcast. */
export function isGroupIp(ip: string): boolean {
  const [first = 0] = ipToBytes(ip)
  if (ipVersion(ip) === 6) return first === 0xff
  return (first & 0xf0) === 0xe0 || ip === '255.255.255.255'
}

/** One that a packet may come from: not the unspecified one, and no group's. */
export function isHostIp(ip: string): boolean {
  return ip !== '0.0.0.0' && ip !== '::' && !isGroupIp(ip)
}
