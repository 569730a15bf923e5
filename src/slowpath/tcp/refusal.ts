import type { Segment } from './connection.js'
import { advance } from './sequence.js'

/**
 * What a segment gets that belongs to no connection (RFC 9293 section 3.10.7.1).
 * Undefined for one that is a refusal itself.
 */
export function refusalOf(segment: Segment): Segment | undefined {
  if (segment.rst) return undefined
  const { syn, fin, payload, sequence } = segment
  const length = payload.length + (syn ? 1 : 0) + (fin ? 1 : 0)
  return {
    sequence: segment.ack ? segment.acknowledgement : 0,
    acknowledgement: segment.ack ? 0 : advance(sequence, length),
    syn: false,
    ack: !segment.ack,
    fin: false,
    rst: true,
    window: 0,
    payload: new Uint8Array(),
  }
}
