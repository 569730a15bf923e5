import { benchErrors } from './error-table/bench-errors.js'
import { dnsErrors } from './error-table/dns-errors.js'
import { dockerErrors } from './error-table/docker-errors.js'
import { endpointErrors } from './error-table/endpoint-errors.js'
import { frontendErrors } from './error-table/frontend-errors.js'
import { hostErrors } from './error-table/host-errors.js'
import { networkErrors } from './error-table/network-errors.js'
import { publishErrors } from './error-table/publish-errors.js'
import { storeErrors } from './error-table/store-errors.js'
import type { Template } from './error-table/template.js'

/**
 * Every error a user can meet is in `error-table/`: its code, the HTTP status it
 * travels with, what happened and what to do about it. Code that fails on
 * purpose throws one of these; anything else that is thrown is a bug.
 * `docs/operating/errors.md` lists the same codes, and a test keeps both equal.
 */
export class OvertapError extends Error {
  override readonly name = 'OvertapError'
  /** The facts of the message as data, for programs; JSON, or undefined. */
  readonly details: unknown

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    /** What the user can do about it; one sentence, or empty. */
    readonly remedy: string,
    options?: ErrorOptions & { readonly details?: unknown },
  ) {
    super(message, options)
    this.details = options?.details
  }
}

const table = {
  ...frontendErrors,
  ...storeErrors,
  ...networkErrors,
  ...endpointErrors,
  ...dnsErrors,
  ...publishErrors,
  ...dockerErrors,
  ...hostErrors,
  ...benchErrors,
} satisfies Record<string, Template<never[]>>

export type ErrorCode = keyof typeof table

type Raise = {
  readonly [C in ErrorCode]: (
    ...args: Parameters<(typeof table)[C]['message']>
  ) => OvertapError
}

/**
 * One function per code that makes the error, to be thrown by the caller:
 * `throw errors.STORE_CONFLICT(key)`.
 */
export const errors = Object.freeze(
  Object.fromEntries(
    Object.entries(table as Record<string, Template<unknown[]>>).map(
      ([code, { status, message, remedy, details }]) => [
        code,
        (...args: unknown[]) =>
          new OvertapError(code, status, message(...args), remedy(...args), {
            details: details?.(...args),
          }),
      ],
    ),
  ),
) as Raise

/** Every code, for the test that compares them with the documentation. */
export const errorCodes = Object.freeze(Object.keys(table)) as ErrorCode[]

export function isOvertapError(
  error: unknown,
  ...codes: ErrorCode[]
): error is OvertapError {
  if (!(error instanceof OvertapError)) return false
  return codes.length === 0 || codes.includes(error.code as ErrorCode)
}
