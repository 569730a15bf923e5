import { bytesToIp, ipToBytes } from './ip.js'

/**
 * MAC addresses as canonical strings: six pairs of lower-case hexadecimal
 * digits with colons. Invalid text throws a TypeError (see ip.ts).
 */

export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'

const SPELLING = /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i

/** Accepts capitals and, instead of colons, hyphens. */
export function isMac(text: string): boolean {
  return SPELLING.test(text)
}

/** `02-42-0A-00-00-02` -> `02:42:0a:00:00:02`. */
export function canonicalMac(mac: string): string {
  if (!isMac(mac)) throw new TypeError(`not a MAC address: ${mac}`)
  return mac.toLowerCase().replaceAll('-', ':')
}

/** Six bytes in the order they are sent. */
export function macToBytes(mac: string): Uint8Array {
  const pairs = canonicalMac(mac).split(':')
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16))
}

/** The inverse of `macToBytes`. */
export function bytesToMac(bytes: Uint8Array): string {
  if (bytes.length !== 6) {
    throw new TypeError(`a MAC address has 6 bytes, not ${bytes.length}`)
  }
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(
    ':',
  )
}

/** Multicast or broadcast: the group bit of the first byte (IEEE 802). */
export function isGroupMac(mac: string): boolean {
  return ((macToBytes(mac)[0] ?? 0) & 1) === 1
}

/**
 * The MAC of an endpoint or gateway with this address: `02:42` and the four
 * bytes of an IPv4 address (Docker: libnetwork/netutils GenerateMACFromIP), or
 * the last four bytes of an IPv6 address where there is no IPv4 one.
 */
export function macOfIp(ip: string): string {
  return bytesToMac(Uint8Array.of(0x02, 0x42, ...ipToBytes(ip).slice(-4)))
}

/**
 * The IPv6 link-local address a kernel gives to an interface with this MAC:
 * fe80::/64 and the modified EUI-64 (RFC 4291 appendix A).
 */
export function linkLocalOf(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macToBytes(mac)
  const prefix = [0xfe, 0x80, 0, 0, 0, 0, 0, 0]
  return bytesToIp(Uint8Array.of(...prefix, a ^ 2, b, c, 0xff, 0xfe, d, e, f))
}
