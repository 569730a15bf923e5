import { decode, encode } from 'dns-packet'
import type { OptAnswer, Question } from 'dns-packet'

/** The parts of a message's header that an answer repeats. */
export interface RequestHeader {
  readonly id: number
  readonly isResponse: boolean
  readonly opcode: number
  readonly recursionDesired: boolean
}

export interface Request {
  readonly question: Question
  /** EDNS (RFC 6891), if the asker speaks it. */
  readonly edns: OptAnswer | undefined
}

/** How a message came, and how its answer goes back. */
export type Transport = 'udp' | 'tcp'

/** A question that was understood. */
export interface Query extends Request {
  readonly header: RequestHeader
  /** As it came; the bytes may be those of a frame that is valid for now only. */
  readonly message: Uint8Array
  readonly transport: Transport
}

const HEADER_LENGTH = 12

/** As much as can be read; undefined when not even the id can. */
export function parseHeader(message: Uint8Array): RequestHeader | undefined {
  const [high, low, flags = 0] = message
  if (high === undefined || low === undefined) return undefined
  return {
    id: (high << 8) | low,
    isResponse: (flags & 0x80) !== 0,
    opcode: (flags >> 3) & 0x0f,
    recursionDesired: (flags & 1) !== 0,
  }
}

/** Undefined when the message is malformed, or does not ask one question. */
export function parseRequest(message: Uint8Array): Request | undefined {
  const bytes = Buffer.from(message)
  const packet = decodeOrUndefined(bytes)
  const [question, ...others] = packet?.questions ?? []
  if (question === undefined || others.length > 0) return undefined
  if (!isRepeatable(question, bytes)) return undefined
  const opts = packet?.additionals?.filter(({ type }) => type === 'OPT') ?? []
  if (opts.length > 1) return undefined
  return { question, edns: opts[0] as OptAnswer | undefined }
}

function decodeOrUndefined(bytes: Buffer) {
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * An answer repeats the question byte for byte, or resolvers take it for a
 * forgery. dns-packet's text form loses compression pointers, labels that are
 * not UTF-8 or hold a dot, and unknown classes: no resolver asks that way.
 */
function isRepeatable(question: Question, message: Buffer): boolean {
  const repeated = encode({ questions: [question] }).subarray(HEADER_LENGTH)
  const end = HEADER_LENGTH + repeated.length
  return message.subarray(HEADER_LENGTH, end).equals(repeated)
}
