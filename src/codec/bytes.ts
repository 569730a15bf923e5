/**
 * What all codecs share.
 *
 * A codec module is used as a namespace (`import * as arp from './arp.js'`) and
 * has the same three exports everywhere:
 *  - `HEADER_LENGTH`: bytes before the payload, the least a parser needs;
 *  - `parse(bytes)`: the value, or undefined when the bytes are malformed. It
 *    never throws, never reads past the end, and verifies checksums. Payloads
 *    are views of the input, not copies;
 *  - `emit(value)`: new bytes, with lengths and checksums computed.
 */

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
