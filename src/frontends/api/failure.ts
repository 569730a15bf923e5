import { randomBytes } from 'node:crypto'
import type { FastifyError } from 'fastify'
import { errors, isOvertapError } from '../../base/errors.js'
import type { OvertapError } from '../../base/errors.js'
import type { Logger } from '../../base/log.js'

/**
 * What a client is told of a failure. Errors on purpose travel as they are;
 * those of the HTTP layer (no JSON, too long) are the client's; all others are
 * bugs: the client gets an id, the log gets the id with the stack.
 */
export function asOvertapError(
  error: unknown,
  log: Logger,
  request: { readonly method: string; readonly url: string },
): OvertapError {
  if (isOvertapError(error)) return error
  if (isClientFault(error)) {
    return errors.REQUEST_INVALID([{ field: 'body', problem: error.message }])
  }
  const id = randomBytes(4).toString('hex')
  log.error({ err: error }, `${request.method} ${request.url}: error ${id}`)
  return errors.INTERNAL(id)
}

function isClientFault(error: unknown): error is FastifyError {
  const { statusCode } = error as Partial<FastifyError>
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
}
