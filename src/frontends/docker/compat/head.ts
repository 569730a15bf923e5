/** The head of an HTTP request, and where in the bytes it ends. */
export interface Head {
  /** Without the empty line at its end. */
  readonly lines: readonly string[]
  /** The first byte behind it. */
  readonly end: number
}

/** Heads are bytes; each is one character of this encoding, and comes back as it was. */
export const headEncoding = 'latin1'

/** The head at the beginning of what a connection brought, once it is all there. */
export function readHead(bytes: Buffer): Head | undefined {
  const text = bytes.toString(headEncoding)
  // Docker's HTTP (Go's net/http) takes a lone line feed, too.
  const found = /\r?\n\r?\n/.exec(text)
  if (!found) return undefined
  return {
    lines: text.slice(0, found.index).split(/\r?\n/),
    end: found.index + found[0].length,
  }
}

/** Method and target of HTTP/1; undefined for anything else, HTTP/2 above all. */
export function requestOf({
  lines: [line = ''],
}: Head): { method: string; target: string } | undefined {
  const found = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(line)
  const [, method, target] = found ?? []
  if (method === undefined || target === undefined) return undefined
  return { method, target }
}

/**
 * The head with a request to close the connection after the answer: what comes
 * on a connection later would not be looked at. A wish to upgrade it stays.
 */
export function closingHead({ lines: [line = '', ...fields] }: Head): Buffer {
  const isConnection = (field: string) => /^connection:/i.test(field)
  const isAboutKeeping = (field: string) => /^keep-alive:/i.test(field)
  const tokens = fields
    .filter(isConnection)
    .flatMap((field) => field.slice(field.indexOf(':') + 1).split(','))
    .map((token) => token.trim())
    .filter((token) => !/^(?:keep-alive|close)?$/i.test(token))
  const kept = fields.filter(
    (field) => !isConnection(field) && !isAboutKeeping(field),
  )
  const connection = `Connection: ${[...tokens, 'close'].join(', ')}`
  const head = [line, ...kept, connection, '', ''].join('\r\n')
  return Buffer.from(head, headEncoding)
}
