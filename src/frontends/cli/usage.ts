import type { CommanderError } from 'commander'
import { errors } from '../../base/errors.js'
import type { OvertapError } from '../../base/errors.js'

/**
 * Commander's complaint in the form of all others: `error: unknown option
 * '--prot'\n(Did you mean --port?)` becomes what happened and what to do.
 */
export function usageError(
  { message }: CommanderError,
  help: string,
): OvertapError {
  const [problem = message, suggestion] = message
    .replace(/^error: /, '')
    .split('\n')
  const remedy = suggestion
    ? `${suggestion.replace(/^\(D/, 'd').replace(/\)$/, '')} See: ${help}`
    : `see: ${help}`
  return errors.USAGE(problem, remedy)
}
