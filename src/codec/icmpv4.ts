import { concat, viewOf } from './bytes.js'
import { checksum } from './checksum.js'

/**
 * ICMP (RFC 792, RFC 1191 section 4), the messages the gateway address speaks:
 *
 *     0      1      2          4                       8
 *     +------+------+----------+-----------------------+------
 *     | 8, 0 | 0    | checksum | identifier | sequence | data      echo
 *     | 3    | code | checksum | unused                | original  unreachable
 *     | 3    | 4    | checksum | unused     | MTU      | original  too big
 *     +------+------+----------+-----------------------+------
 *
 * Other types do not parse.
 */
export type Icmpv4Message = EchoMessage | Unreachable | TooBig

export interface EchoMessage {
  readonly kind: 'echo-request' | 'echo-reply'
  readonly identifier: number
  readonly sequence: number
  readonly data: Uint8Array
}

export interface Unreachable {
  readonly kind: 'unreachable'
  readonly code: number
  /** The beginning of the packet that could not be delivered, IP header first. */
  readonly original: Uint8Array
}

/** Not forwarded: whole it is too large, and it must not be fragmented. */
export interface TooBig {
  readonly kind: 'too-big'
  /** What the next hop takes, bytes. */
  readonly mtu: number
  /** The beginning of the packet, IP header first. */
  readonly original: Uint8Array
}

export const HEADER_LENGTH = 8

export const PORT_UNREACHABLE = 3

const FRAGMENTATION_NEEDED = 4

const TYPE = {
  'echo-reply': 0,
  unreachable: 3,
  'too-big': 3,
  'echo-request': 8,
} as const

export function parse(bytes: Uint8Array): Icmpv4Message | undefined {
  if (bytes.length < HEADER_LENGTH || checksum(bytes) !== 0) return undefined
  const view = viewOf(bytes)
  const [type, code] = [view.getUint8(0), view.getUint8(1)]
  const body = bytes.subarray(HEADER_LENGTH)
  if (type === TYPE['too-big'] && code === FRAGMENTATION_NEEDED) {
    return { kind: 'too-big', mtu: view.getUint16(6), original: body }
  }
  if (type === TYPE.unreachable) {
    return { kind: 'unreachable', code, original: body }
  }
  if (type !== TYPE['echo-request'] && type !== TYPE['echo-reply']) {
    return undefined
  }
  if (code !== 0) return undefined
  return {
    kind: type === TYPE['echo-request'] ? 'echo-request' : 'echo-reply',
    identifier: view.getUint16(4),
    sequence: view.getUint16(6),
    data: body,
  }
}

export function emit(message: Icmpv4Message): Uint8Array {
  const header = new Uint8Array(HEADER_LENGTH)
  const view = viewOf(header)
  view.setUint8(0, TYPE[message.kind])
  if (message.kind === 'unreachable') {
    view.setUint8(1, message.code)
    return withChecksum(concat(header, message.original))
  }
  if (message.kind === 'too-big') {
    view.setUint8(1, FRAGMENTATION_NEEDED)
    view.setUint16(6, message.mtu)
    return withChecksum(concat(header, message.original))
  }
  view.setUint16(4, message.identifier)
  view.setUint16(6, message.sequence)
  return withChecksum(concat(header, message.data))
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  viewOf(bytes).setUint16(2, checksum(bytes))
  return bytes
}
