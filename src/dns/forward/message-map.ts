/**
 * Where things are in a DNS message (RFC 1035 section 4.1), for those who pass
 * it on: what the records say is not read, so that every type survives.
 */
export interface MessageMap {
  readonly questionEnd: number
  /** In the order of the message. */
  readonly records: readonly RecordPlace[]
  /** What comes behind is no part of the message. */
  readonly end: number
}

export interface RecordPlace {
  readonly section: Section
  readonly type: number
  readonly start: number
  /** Of the lifetime, four bytes. */
  readonly ttl: number
  /** Of the data, which reaches to `end`. */
  readonly data: number
  readonly end: number
}

export type Section = 'answer' | 'authority' | 'additional'

export const HEADER_LENGTH = 12
export const TYPE = { SOA: 6, OPT: 41 } as const
/** Offset of the number of records of each section. */
export const COUNT = { answer: 6, authority: 8, additional: 10 } as const

const QUESTION_COUNT = 4
const MAX_NAME = 255
/** Type and class behind the name of a question. */
const QUESTION_FIELDS = 4
/** Type, class, lifetime and length of the data behind the name of a record. */
const RECORD_FIELDS = 10

/**
 * Undefined when the message does not hold together, or has more or less than
 * one question. Names in the data of records are not looked at.
 */
export function mapMessage(message: Uint8Array): MessageMap | undefined {
  const questionEnd = endOfQuestion(message)
  if (questionEnd === undefined) return undefined
  const view = viewOf(message)
  const records: RecordPlace[] = []
  let end = questionEnd
  for (const section of ['answer', 'authority', 'additional'] as const) {
    for (let left = view.getUint16(COUNT[section]); left > 0; left--) {
      const record = placeOf(message, end, section)
      if (record === undefined) return undefined
      records.push(record)
      end = record.end
    }
  }
  return { questionEnd, records, end }
}

/** Undefined when there is not one question, or it does not hold together. */
export function endOfQuestion(message: Uint8Array): number | undefined {
  if (message.length < HEADER_LENGTH) return undefined
  if (viewOf(message).getUint16(QUESTION_COUNT) !== 1) return undefined
  const name = nameEnd(message, HEADER_LENGTH)
  if (name === undefined) return undefined
  const end = name + QUESTION_FIELDS
  return end > message.length ? undefined : end
}

function placeOf(
  message: Uint8Array,
  start: number,
  section: Section,
): RecordPlace | undefined {
  const fields = nameEnd(message, start)
  if (fields === undefined) return undefined
  const data = fields + RECORD_FIELDS
  if (data > message.length) return undefined
  const view = viewOf(message)
  const end = data + view.getUint16(data - 2)
  if (end > message.length) return undefined
  const type = view.getUint16(fields)
  return { section, type, start, ttl: fields + 4, data, end }
}

/** Behind a name; pointers have to point back, as they do in what is honest. */
function nameEnd(message: Uint8Array, start: number): number | undefined {
  for (let at = start; at - start < MAX_NAME;) {
    const length = message[at]
    if (length === undefined) return undefined
    if (length === 0) return at + 1
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (message[at + 1] ?? 0xff)
      return target >= HEADER_LENGTH && target < start ? at + 2 : undefined
    }
    if (length >= 0x40) return undefined
    at += 1 + length
  }
  return undefined
}

export function viewOf(message: Uint8Array): DataView {
  return new DataView(message.buffer, message.byteOffset, message.byteLength)
}
