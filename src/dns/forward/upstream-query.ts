import type { Query } from '../request.js'
import { EDNS_LIMIT } from '../response.js'
import { endOfQuestion, HEADER_LENGTH, TYPE, viewOf } from './message-map.js'

/** A question as it is sent on. */
export interface UpstreamQuery {
  /** With the id 0. */
  readonly message: Uint8Array
  /** Equal for questions that have the same answer. */
  readonly key: string
}

/** Recursion desired, in the third byte of a message. */
const RD = 0x01
/** Authentic data and checking disabled, in the fourth (RFC 4035 section 3). */
const AD_CD = 0x30
const DNSSEC_OK = 0x8000

/**
 * The asker's question byte for byte, with what changes the answer: the bits
 * of recursion and DNSSEC, and EDNS if the asker speaks it. EDNS is a matter of
 * two neighbours (RFC 6891 section 6.2.6): the size is ours, and the asker's
 * options, cookies for instance, end here.
 */
export function upstreamQuery(query: Query): UpstreamQuery {
  const { message, edns } = query
  const end = endOfQuestion(message) ?? HEADER_LENGTH
  const opt = edns && optBytes((edns.flags & DNSSEC_OK) !== 0)
  const sent = new Uint8Array(end + (opt?.length ?? 0))
  sent[2] = (message[2] ?? 0) & RD
  sent[3] = (message[3] ?? 0) & AD_CD
  sent[5] = 1
  sent[11] = opt === undefined ? 0 : 1
  sent.set(message.subarray(HEADER_LENGTH, end), HEADER_LENGTH)
  if (opt !== undefined) sent.set(opt, end)
  return { message: sent, key: keyOf(sent, end) }
}

/** A copy with an id of its own. */
export function withId(message: Uint8Array, id: number): Uint8Array {
  const copy = Uint8Array.from(message)
  viewOf(copy).setUint16(0, id)
  return copy
}

function optBytes(dnssec: boolean): Uint8Array {
  const opt = new Uint8Array(11)
  const view = viewOf(opt)
  view.setUint16(1, TYPE.OPT)
  view.setUint16(3, EDNS_LIMIT)
  view.setUint16(7, dnssec ? DNSSEC_OK : 0)
  return opt
}

/** Names are equal whatever their case (RFC 4343). */
function keyOf(sent: Uint8Array, questionEnd: number): string {
  const name = Buffer.from(sent.subarray(HEADER_LENGTH, questionEnd - 4))
  const rest = Buffer.from(sent)
  return [
    name.toString('latin1').replace(/[A-Z]+/g, (text) => text.toLowerCase()),
    rest.toString('latin1', questionEnd - 4),
    rest.toString('latin1', 2, 4),
  ].join('\0')
}
