import { viewOf } from './bytes.js'
import { segmentChecksum } from './checksum.js'
import type { Ends } from './checksum.js'
import { PROTOCOL } from './ipv4.js'

/**
 * TCP (RFC 9293 section 3.1):
 *
 *     0             2                  4          8     12
 *     +-------------+------------------+----------+-----+
 *     | source port | destination port | sequence | ack |
 *     +-------------+------------------+----------+-----+
 *     12       13      14       16         18       20
 *     +--------+-------+--------+----------+--------+---------+---------
 *     | offset | flags | window | checksum | urgent | options | payload
 *     +--------+-------+--------+----------+--------+---------+---------
 *
 * Of the options the maximum segment size is read and written, others are
 * passed over. Urgent data is data.
 */
export interface TcpSegment {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  /** Means something when `ack` is set. */
  readonly acknowledgement: number
  readonly syn: boolean
  readonly ack: boolean
  readonly fin: boolean
  readonly rst: boolean
  /** Bytes, as in the header: not scaled. */
  readonly window: number
  /** Largest payload the sender takes, bytes. */
  readonly mss?: number
  readonly payload: Uint8Array
}

export const HEADER_LENGTH = 20

const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const
const OPTION = { end: 0, padding: 1, mss: 2 } as const
const MSS_LENGTH = 4

export function parse(bytes: Uint8Array, ends: Ends): TcpSegment | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const view = viewOf(bytes)
  const offset = (view.getUint8(12) >> 4) * 4
  if (offset < HEADER_LENGTH || offset > bytes.length) return undefined
  if (segmentChecksum(ends, PROTOCOL.tcp, bytes) !== 0) return undefined
  const flags = view.getUint8(13)
  const mss = findMss(bytes.subarray(HEADER_LENGTH, offset))
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgement: view.getUint32(8),
    syn: (flags & FLAG.syn) !== 0,
    ack: (flags & FLAG.ack) !== 0,
    fin: (flags & FLAG.fin) !== 0,
    rst: (flags & FLAG.rst) !== 0,
    window: view.getUint16(14),
    ...(mss !== undefined && { mss }),
    payload: bytes.subarray(offset),
  }
}

export function emit(segment: TcpSegment, ends: Ends): Uint8Array {
  const { mss, payload } = segment
  const offset = HEADER_LENGTH + (mss === undefined ? 0 : MSS_LENGTH)
  const bytes = new Uint8Array(offset + payload.length)
  const view = viewOf(bytes)
  view.setUint16(0, segment.sourcePort)
  view.setUint16(2, segment.destinationPort)
  view.setUint32(4, segment.sequence)
  view.setUint32(8, segment.acknowledgement)
  view.setUint8(12, (offset / 4) << 4)
  view.setUint8(13, flagsOf(segment))
  view.setUint16(14, segment.window)
  if (mss !== undefined) {
    bytes.set([OPTION.mss, MSS_LENGTH, mss >> 8, mss], HEADER_LENGTH)
  }
  bytes.set(payload, offset)
  view.setUint16(16, segmentChecksum(ends, PROTOCOL.tcp, bytes))
  return bytes
}

/** What is sent is to be read at once: data is always pushed. */
function flagsOf({ syn, ack, fin, rst, payload }: TcpSegment): number {
  return (
    (syn ? FLAG.syn : 0) |
    (ack ? FLAG.ack : 0) |
    (fin ? FLAG.fin : 0) |
    (rst ? FLAG.rst : 0) |
    (payload.length > 0 ? FLAG.psh : 0)
  )
}

/** Options that make no sense end the search, and nothing more. */
function findMss(options: Uint8Array): number | undefined {
  const view = viewOf(options)
  for (let at = 0; at < options.length;) {
    const kind = view.getUint8(at)
    if (kind === OPTION.end) return undefined
    if (kind === OPTION.padding) {
      at++
      continue
    }
    const length = at + 1 < options.length ? view.getUint8(at + 1) : 0
    if (length < 2 || at + length > options.length) return undefined
    if (kind === OPTION.mss && length === MSS_LENGTH) {
      return view.getUint16(at + 2)
    }
    at += length
  }
  return undefined
}
