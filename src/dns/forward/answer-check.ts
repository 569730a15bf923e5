import { endOfQuestion, HEADER_LENGTH, viewOf } from './message-map.js'

/**
 * True for an answer to what was sent: it has its id and repeats its question,
 * or tells of an error without repeating it, as some servers do. Where it came
 * from is the socket's business.
 */
export function isAnswerTo(sent: Uint8Array, received: Uint8Array): boolean {
  if (received.length < HEADER_LENGTH) return false
  const [asked, told] = [viewOf(sent), viewOf(received)]
  if (told.getUint16(0) !== asked.getUint16(0)) return false
  const isResponse = (told.getUint8(2) & 0xf8) === 0x80
  if (!isResponse) return false
  if (told.getUint16(4) === 0) return rcodeOf(received) !== 0
  return sameQuestion(sent, received)
}

/** The four bits in the header; EDNS may add more (RFC 6891 section 6.1.3). */
export function rcodeOf(message: Uint8Array): number {
  return (message[3] ?? 0) & 0x0f
}

export function isTruncated(message: Uint8Array): boolean {
  return ((message[2] ?? 0) & 0x02) !== 0
}

/** Names are equal whatever their case (RFC 4343). */
function sameQuestion(sent: Uint8Array, received: Uint8Array): boolean {
  const end = endOfQuestion(sent)
  if (end === undefined || endOfQuestion(received) !== end) return false
  const nameEnd = end - 4
  for (let at = HEADER_LENGTH; at < end; at++) {
    const [asked = 0, told = 0] = [sent[at], received[at]]
    if (asked === told) continue
    if (at >= nameEnd || lowerCase(asked) !== lowerCase(told)) return false
  }
  return true
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
