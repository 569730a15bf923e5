import { crc32 } from './crc32.js'

/**
 * A line that can tell whether it is whole: CRC-32 as 8 hexadecimal digits,
 * length of the text in bytes, the text, which is JSON. `1c291ca3 2 {}`
 */
const form = /^([0-9a-f]{8}) (\d{1,9}) /

const newline = 0x0a

/** With its newline. */
export function encodeLine(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value))
  const sum = crc32(text).toString(16).padStart(8, '0')
  return Buffer.concat([
    Buffer.from(`${sum} ${text.length} `),
    text,
    Buffer.from('\n'),
  ])
}

/**
 * The values up to the first line that is torn or was changed, each with where
 * it ends. Nothing behind that counts: the order is part of what they say.
 */
export function* decodeLines(
  bytes: Buffer,
): Generator<{ readonly value: unknown; readonly end: number }, void> {
  let start = 0
  for (;;) {
    const end = bytes.indexOf(newline, start)
    if (end === -1) return
    const value = decodeLine(bytes.subarray(start, end))
    if (value === undefined) return
    start = end + 1
    yield { value, end: start }
  }
}

function decodeLine(line: Buffer): unknown {
  const head = form.exec(line.subarray(0, 20).toString('latin1'))
  if (head === null) return undefined
  const [{ length }, sum = '', size] = head
  const text = line.subarray(length)
  if (text.length !== Number(size)) return undefined
  if (crc32(text) !== parseInt(sum, 16)) return undefined
  return JSON.parse(text.toString()) as unknown
}
