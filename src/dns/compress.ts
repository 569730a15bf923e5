import type { Answer } from 'dns-packet'
import { HEADER_LENGTH, mapMessage } from './forward/message-map.js'

/** To the name of the question, which comes right behind the header (RFC 1035 section 4.1.4). */
const POINTER = Uint8Array.of(0xc0, HEADER_LENGTH)

/**
 * A message of ours with the name of the question said once; the codec writes
 * it out in each record. Names in it must not be compressed yet.
 */
export function compressed(message: Uint8Array): Uint8Array {
  const map = mapMessage(message)
  if (map === undefined) return message
  const name = Buffer.from(
    message.subarray(HEADER_LENGTH, map.questionEnd - 4), // type and class
  )
  const parts = [message.subarray(0, map.questionEnd)]
  for (const { start, ttl, end } of map.records) {
    const nameEnd = ttl - 4 // type and class
    const owner = message.subarray(start, nameEnd)
    parts.push(isShortened(owner) && name.equals(owner) ? POINTER : owner)
    parts.push(message.subarray(nameEnd, end))
  }
  return Buffer.concat(parts)
}

/** Bytes by which a record gets shorter. */
export function saving({ name }: Pick<Answer, 'name'>, asked: string): number {
  return name === asked ? Math.max(0, wireLength(name) - POINTER.length) : 0
}

function isShortened(name: Uint8Array): boolean {
  return name.length > POINTER.length
}

/** Each label with its length before it, and the root's. */
function wireLength(name: string): number {
  return Buffer.byteLength(name) + 2
}
