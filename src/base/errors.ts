/**
 * Every error a user can meet, in one table: its code, the HTTP status it
 * travels with, what happened and what to do about it. Code that fails on
 * purpose throws one of these; anything else that is thrown is a bug.
 * `docs/operating/errors.md` lists the same codes, and a test keeps both equal.
 */
export class OvertapError extends Error {
  override readonly name = 'OvertapError'

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    /** What the user can do about it; one sentence, or empty. */
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

interface Template<A extends unknown[]> {
  readonly status: number
  readonly message: (...args: A) => string
  readonly remedy: (...args: A) => string
}

function template<A extends unknown[]>(
  status: number,
  message: (...args: A) => string,
  remedy: (...args: A) => string,
): Template<A> {
  return { status, message, remedy }
}

const table = {
  // -- configuration ---------------------------------------------------------
  CONFIG_INVALID: template(
    400,
    (field: string, problem: string) => `configuration: ${field}: ${problem}`,
    (field: string) =>
      `correct ${field} in the config file, the flag or the environment, then try: overtapd --check-config`,
  ),
  CONFIG_UNREADABLE: template(
    400,
    (path: string, problem: string) =>
      `configuration: cannot read ${path}: ${problem}`,
    (path: string) => `check that ${path} exists and holds YAML or JSON`,
  ),

  // -- store -----------------------------------------------------------------
  STORE_UNAVAILABLE: template(
    503,
    (problem: string) => `the store cannot be reached: ${problem}`,
    () =>
      'running traffic goes on; changes work again when the store is back: overtap status',
  ),
  STORE_CONFLICT: template(
    409,
    (key: string) => `${key} was changed by somebody else at the same time`,
    () => 'try again',
  ),
  STORE_FENCED: template(
    409,
    (host: string) => `this daemon no longer holds the lease of host ${host}`,
    () => 'the daemon registers again by itself; try again in a few seconds',
  ),
  STORE_COMPACTED: template(
    503,
    (revision: number) =>
      `the change feed no longer reaches back to revision ${revision}`,
    () => 'the daemon takes a new snapshot by itself',
  ),
  HOST_IDENTITY_TAKEN: template(
    409,
    (host: string, holder: string, own: string) =>
      `host name ${host} is in use by ${holder}; this daemon is ${own}`,
    () => 'give each daemon a name of its own: overtapd --host NAME',
  ),
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
      ([code, { status, message, remedy }]) => [
        code,
        (...args: unknown[]) =>
          new OvertapError(code, status, message(...args), remedy(...args)),
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
