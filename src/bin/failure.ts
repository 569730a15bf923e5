import { inspect } from 'node:util'
import { errorText } from '../base/error-text.js'
import { isOvertapError } from '../base/errors.js'

/** What a person reads when the daemon cannot run; bugs come with their stack. */
export function failureText(failure: unknown): string {
  return failures(failure)
    .map((error) =>
      isOvertapError(error)
        ? errorText('overtapd', error)
        : `overtapd: ${inspect(error)}\n`,
    )
    .join('')
}

/** 2 for what is wrong before anything was done, 1 for what went wrong. */
export function failureExitCode(failure: unknown): number {
  const misconfigured = failures(failure).every((error) =>
    isOvertapError(error, 'USAGE', 'CONFIG_INVALID', 'CONFIG_UNREADABLE'),
  )
  return misconfigured ? 2 : 1
}

function failures(failure: unknown): unknown[] {
  return failure instanceof AggregateError ? failure.errors : [failure]
}
