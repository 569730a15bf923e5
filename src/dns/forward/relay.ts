import type { Query } from '../request.js'
import { EDNS_LIMIT, sizeLimit } from '../response.js'
import { isTruncated } from './answer-check.js'
import {
  COUNT,
  endOfQuestion,
  HEADER_LENGTH,
  mapMessage,
  TYPE,
  viewOf,
} from './message-map.js'
import type { MessageMap, RecordPlace } from './message-map.js'
import { trimmed } from './trim.js'

/** In the third byte of a message. */
const BIT = { RESPONSE: 0x80, AUTHORITATIVE: 0x04, TRUNCATED: 0x02 } as const
/** In the fourth. */
const RECURSION_AVAILABLE = 0x80

export interface RelayOptions {
  /** Seconds since the answer came; undefined: it came for this question. */
  readonly age?: number
}

/**
 * An upstream's answer as this asker gets it: with its id and its spelling of
 * the name, lifetimes counted down, cut to what it can take. The rest is as it
 * came. Undefined when the answer does not hold together, or has another question.
 */
export function relay(
  query: Query,
  answer: Uint8Array,
  { age }: RelayOptions = {},
): Uint8Array | undefined {
  const map = mapMessage(answer) ?? onlyQuestion(answer)
  if (map === undefined || !fits(query, map)) return undefined
  const message = Uint8Array.from(answer.subarray(0, map.end))
  if (map.records.length === 0) message.fill(0, COUNT.answer, HEADER_LENGTH)
  addressTo(query, message, map.questionEnd)
  setFlags(query, message, age !== undefined)
  for (const record of map.records) adapt(message, record, age ?? 0)
  const limit = sizeLimit(query)
  return message.length <= limit ? message : trimmed(message, map, limit)
}

/** Whether the question can be put in the place of the answer's. */
function fits({ message }: Query, { questionEnd }: MessageMap): boolean {
  return endOfQuestion(message) === questionEnd
}

function addressTo(
  { message: asked }: Query,
  message: Uint8Array,
  questionEnd: number,
): void {
  message.set(asked.subarray(0, 2))
  message.set(asked.subarray(HEADER_LENGTH, questionEnd), HEADER_LENGTH)
}

/** What was kept has no authority any more. */
function setFlags(
  { header }: Query,
  message: Uint8Array,
  isCached: boolean,
): void {
  const [third = 0, fourth = 0] = message.subarray(2)
  const kept = isCached ? 0 : BIT.AUTHORITATIVE | BIT.TRUNCATED
  const desired = header.recursionDesired ? 1 : 0
  message[2] = BIT.RESPONSE | (third & kept) | desired
  message[3] = fourth | RECURSION_AVAILABLE
}

/** Of an answer that a server cut in the middle of a record. */
function onlyQuestion(answer: Uint8Array): MessageMap | undefined {
  const questionEnd = endOfQuestion(answer)
  if (questionEnd === undefined || !isTruncated(answer)) return undefined
  return { questionEnd, records: [], end: questionEnd }
}

/** What EDNS says about size is between two neighbours: to the asker it is ours. */
function adapt(message: Uint8Array, record: RecordPlace, age: number): void {
  const view = viewOf(message)
  if (record.type === TYPE.OPT) {
    view.setUint16(record.ttl - 2, EDNS_LIMIT)
  } else if (age > 0) {
    view.setUint32(record.ttl, Math.max(0, view.getUint32(record.ttl) - age))
  }
}
