import { z } from 'zod'
import { errors, isOvertapError } from '../../../base/errors.js'
import type { OvertapError } from '../../../base/errors.js'
import type { Logger } from '../../../base/log.js'
import { asOvertapError } from '../../api/failure.js'

/** `Err` is the network driver's, `Error` the IPAM driver's. */
export interface PluginFailure {
  readonly Err: string
  readonly Error: string
}

type Told = Pick<OvertapError, 'message' | 'remedy'>

/** What Docker's user is to read: Docker passes on one line of text. */
export function failureLine({ message, remedy }: Told): string {
  return remedy === '' ? message : `${message} (${remedy})`
}

export function pluginFailure(error: Told): PluginFailure {
  const text = failureLine(error)
  return { Err: text, Error: text }
}

export function asPluginError(
  error: unknown,
  log: Logger,
  method: string,
): OvertapError {
  if (error instanceof z.ZodError) {
    const problem = z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ')
    return errors.DOCKER_REQUEST_INVALID(method, problem)
  }
  if (isOvertapError(error)) return error
  return asOvertapError(error, log, { method: 'POST', url: `/${method}` })
}
