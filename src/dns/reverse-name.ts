import { canonicalIp, ipToBytes, ipVersion, isIp } from '../net/ip.js'

/**
 * The address a name for reverse lookup stands for: `2.0.0.10.in-addr.arpa`
 * (RFC 1035 section 3.5) or 32 nibbles under `ip6.arpa` (RFC 3596 section 2.5).
 * Undefined for every other name, also for one that is only part of such.
 */
export function ipOfReverseName(name: string): string | undefined {
  const labels = name.toLowerCase().split('.')
  const suffix = labels.splice(-2).join('.')
  const digits = labels.reverse()
  if (suffix === 'in-addr.arpa') return ipOrUndefined(digits.join('.'))
  if (suffix !== 'ip6.arpa' || digits.length !== 32) return undefined
  if (!digits.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined
  return ipOrUndefined(digits.join('').replace(/.{4}(?!$)/g, '$&:'))
}

/** The inverse: where the name of an address is asked for. */
export function reverseNameOf(ip: string): string {
  const bytes = [...ipToBytes(ip)].reverse()
  if (ipVersion(ip) === 4) return `${bytes.join('.')}.in-addr.arpa`
  const nibbles = bytes.flatMap((byte) => [byte & 0x0f, byte >> 4])
  return `${nibbles.map((one) => one.toString(16)).join('.')}.ip6.arpa`
}

function ipOrUndefined(text: string): string | undefined {
  return isIp(text) ? canonicalIp(text) : undefined
}
