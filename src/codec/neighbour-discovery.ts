import { bytesToIp, ipToBytes } from '../net/ip.js'
import { bytesToMac, macToBytes } from '../net/mac.js'
import { concat, viewOf } from './bytes.js'

/**
 * Neighbour Discovery (RFC 4861 section 4), the ICMPv6 messages of it that
 * containers send without being asked, and the answer:
 *
 *     0      1   2          4       8        24
 *     +------+---+----------+-------+--------+---------
 *     | 133  | 0 | checksum | 0     | options            router solicitation
 *     | 135  | 0 | checksum | 0     | target | options   neighbour solicitation
 *     | 136  | 0 | checksum | R S O | target | options   neighbour advertisement
 *     +------+---+----------+-------+--------+---------
 *
 * Of the options only the link-layer address is kept; others are skipped. The
 * checksum is icmpv6.ts's business: `parse` does not look at it, and `emit`
 * leaves it 0.
 */
export type NeighbourMessage =
  RouterSolicitation | NeighbourSolicitation | NeighbourAdvertisement

export interface RouterSolicitation {
  readonly kind: 'router-solicitation'
  /** The sender's MAC, if it told. */
  readonly linkLayer: string | undefined
}

export interface NeighbourSolicitation {
  readonly kind: 'neighbour-solicitation'
  readonly target: string
  /** The sender's MAC, if it told. */
  readonly linkLayer: string | undefined
}

export interface NeighbourAdvertisement {
  readonly kind: 'neighbour-advertisement'
  readonly target: string
  /** The target's MAC, if it told. */
  readonly linkLayer: string | undefined
  readonly router: boolean
  readonly solicited: boolean
  readonly override: boolean
}

export const HEADER_LENGTH = 8

const TYPE = {
  'router-solicitation': 133,
  'neighbour-solicitation': 135,
  'neighbour-advertisement': 136,
} as const

const TARGET_END = HEADER_LENGTH + 16
const FLAG = { router: 0x80, solicited: 0x40, override: 0x20 } as const
const OPTION = { sourceLinkLayer: 1, targetLinkLayer: 2 } as const

export function parse(bytes: Uint8Array): NeighbourMessage | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const type = viewOf(bytes).getUint8(0)
  if (type === TYPE['router-solicitation'])
    return parseRouterSolicitation(bytes)
  if (bytes.length < TARGET_END) return undefined
  if (type === TYPE['neighbour-solicitation']) return parseSolicitation(bytes)
  if (type === TYPE['neighbour-advertisement']) return parseAdvertisement(bytes)
  return undefined
}

function parseRouterSolicitation(
  bytes: Uint8Array,
): RouterSolicitation | undefined {
  const options = parseOptions(bytes.subarray(HEADER_LENGTH))
  if (options === undefined) return undefined
  const linkLayer = options.get(OPTION.sourceLinkLayer)
  return { kind: 'router-solicitation', linkLayer }
}

function parseSolicitation(
  bytes: Uint8Array,
): NeighbourSolicitation | undefined {
  const options = parseOptions(bytes.subarray(TARGET_END))
  if (options === undefined) return undefined
  return {
    kind: 'neighbour-solicitation',
    target: bytesToIp(bytes.subarray(HEADER_LENGTH, TARGET_END)),
    linkLayer: options.get(OPTION.sourceLinkLayer),
  }
}

function parseAdvertisement(
  bytes: Uint8Array,
): NeighbourAdvertisement | undefined {
  const options = parseOptions(bytes.subarray(TARGET_END))
  if (options === undefined) return undefined
  const flags = viewOf(bytes).getUint8(4)
  return {
    kind: 'neighbour-advertisement',
    target: bytesToIp(bytes.subarray(HEADER_LENGTH, TARGET_END)),
    linkLayer: options.get(OPTION.targetLinkLayer),
    router: (flags & FLAG.router) !== 0,
    solicited: (flags & FLAG.solicited) !== 0,
    override: (flags & FLAG.override) !== 0,
  }
}

/**
 * The MACs in type-length-value options whose length counts units of 8 bytes;
 * undefined when one has length 0 or is cut off (RFC 4861 section 4.6).
 */
function parseOptions(bytes: Uint8Array): Map<number, string> | undefined {
  const macs = new Map<number, string>()
  let rest = bytes
  while (rest.length > 0) {
    const [type = 0, units = 0] = rest
    if (units === 0 || units * 8 > rest.length) return undefined
    if (units === 1) macs.set(type, bytesToMac(rest.subarray(2, 8)))
    rest = rest.subarray(units * 8)
  }
  return macs
}

export function emit(message: NeighbourMessage): Uint8Array {
  const header = new Uint8Array(HEADER_LENGTH)
  header[0] = TYPE[message.kind]
  if (message.kind === 'router-solicitation') {
    return concat(header, emitOption(OPTION.sourceLinkLayer, message.linkLayer))
  }
  const target = ipToBytes(message.target)
  if (message.kind === 'neighbour-solicitation') {
    const option = emitOption(OPTION.sourceLinkLayer, message.linkLayer)
    return concat(header, target, option)
  }
  header[4] =
    (message.router ? FLAG.router : 0) |
    (message.solicited ? FLAG.solicited : 0) |
    (message.override ? FLAG.override : 0)
  const option = emitOption(OPTION.targetLinkLayer, message.linkLayer)
  return concat(header, target, option)
}

function emitOption(type: number, mac: string | undefined): Uint8Array {
  if (mac === undefined) return new Uint8Array()
  return Uint8Array.of(type, 1, ...macToBytes(mac))
}
