import { concat, viewOf } from '../../codec/bytes.js'

/** No question is longer, bytes; what is, is no question. */
export const MAX_QUERY = 4096

const LENGTH_BYTES = 2

/** Cuts a stream into DNS messages: each has its length before it (RFC 7766 section 8). */
export class MessageReader {
  #rest: Uint8Array = new Uint8Array()

  /**
   * The messages that are complete now. Undefined when one is to come that is
   * too long: the stream is of no use any more.
   */
  read(bytes: Uint8Array): Uint8Array[] | undefined {
    const messages: Uint8Array[] = []
    let rest = concat(this.#rest, bytes)
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + viewOf(rest).getUint16(0)
      if (end - LENGTH_BYTES > MAX_QUERY) return undefined
      if (end > rest.length) break
      messages.push(rest.subarray(LENGTH_BYTES, end))
      rest = rest.subarray(end)
    }
    this.#rest = rest
    return messages
  }
}

/** The message as it goes into a stream. */
export function withLength(message: Uint8Array): Uint8Array {
  const length = Uint8Array.of(message.length >> 8, message.length)
  return concat(length, message)
}
