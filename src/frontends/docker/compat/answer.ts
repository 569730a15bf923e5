import type { OvertapError } from '../../../base/errors.js'
import { failureLine } from '../plugin/failure.js'

/** The body of an error as Docker's clients read it. */
export function failureBody(error: OvertapError): string {
  return JSON.stringify({ message: failureLine(error) })
}

/** A whole answer, for a connection that no HTTP server has. */
export function failureAnswer(error: OvertapError): string {
  const body = failureBody(error)
  return [
    `HTTP/1.1 ${error.status} overtapd`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
