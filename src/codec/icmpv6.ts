import { concat, viewOf } from './bytes.js'
import { segmentChecksum } from './checksum.js'
import type { Ends } from './checksum.js'
import type { EchoMessage, TooBig, Unreachable } from './icmpv4.js'
import { PROTOCOL } from './ipv4.js'
import * as neighbour from './neighbour-discovery.js'
import type { NeighbourMessage } from './neighbour-discovery.js'

/**
 * ICMPv6 (RFC 4443 section 2.1):
 *
 *     0      1      2          4                       8
 *     +------+------+----------+-----------------------+------
 *     | 128  | 0    | checksum | identifier | sequence | data      echo request
 *     | 129  | 0    | checksum | identifier | sequence | data      echo reply
 *     | 1    | code | checksum | unused                | original  unreachable
 *     | 2    | 0    | checksum | MTU                   | original  too big
 *     | 133.. neighbour discovery: neighbour-discovery.ts
 *     +------+------+----------+-----------------------+------
 *
 * Other types do not parse. The checksum covers the addresses of the IPv6
 * header, so both functions want them.
 */
export type Icmpv6Message =
  EchoMessage | Unreachable | TooBig | NeighbourMessage

export const HEADER_LENGTH = 8

export const PORT_UNREACHABLE = 4

const TYPE = {
  unreachable: 1,
  'too-big': 2,
  'echo-request': 128,
  'echo-reply': 129,
} as const

export function parse(
  bytes: Uint8Array,
  ends: Ends,
): Icmpv6Message | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  if (segmentChecksum(ends, PROTOCOL.icmpv6, bytes) !== 0) return undefined
  const view = viewOf(bytes)
  const [type, code] = [view.getUint8(0), view.getUint8(1)]
  const body = bytes.subarray(HEADER_LENGTH)
  if (type === TYPE.unreachable) {
    return { kind: 'unreachable', code, original: body }
  }
  if (code !== 0) return undefined
  if (type === TYPE['too-big']) {
    return { kind: 'too-big', mtu: view.getUint32(4), original: body }
  }
  if (type !== TYPE['echo-request'] && type !== TYPE['echo-reply']) {
    return neighbour.parse(bytes)
  }
  return {
    kind: type === TYPE['echo-request'] ? 'echo-request' : 'echo-reply',
    identifier: view.getUint16(4),
    sequence: view.getUint16(6),
    data: body,
  }
}

export function emit(message: Icmpv6Message, ends: Ends): Uint8Array {
  const bytes = withoutChecksum(message)
  viewOf(bytes).setUint16(2, segmentChecksum(ends, PROTOCOL.icmpv6, bytes))
  return bytes
}

function withoutChecksum(message: Icmpv6Message): Uint8Array {
  const header = new Uint8Array(HEADER_LENGTH)
  const view = viewOf(header)
  switch (message.kind) {
    case 'unreachable':
      view.setUint8(0, TYPE.unreachable)
      view.setUint8(1, message.code)
      return concat(header, message.original)
    case 'too-big':
      view.setUint8(0, TYPE['too-big'])
      view.setUint32(4, message.mtu)
      return concat(header, message.original)
    case 'echo-request':
    case 'echo-reply':
      view.setUint8(0, TYPE[message.kind])
      view.setUint16(4, message.identifier)
      view.setUint16(6, message.sequence)
      return concat(header, message.data)
    default:
      return neighbour.emit(message)
  }
}
