/**
 * Every error a user can meet, in one table: its code, the HTTP status it
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

interface Template<A extends unknown[]> {
  readonly status: number
  readonly message: (...args: A) => string
  readonly remedy: (...args: A) => string
  readonly details?: (...args: A) => unknown
}

function template<A extends unknown[]>(
  status: number,
  message: (...args: A) => string,
  remedy: (...args: A) => string,
  details: (...args: A) => unknown = () => undefined,
): Template<A> {
  return { status, message, remedy, details }
}

const table = {
  // -- configuration ---------------------------------------------------------
  CONFIG_INVALID: template<[field: string, problem: string, remedy?: string]>(
    400,
    (field, problem) => `configuration: ${field}: ${problem}`,
    (field, _, remedy) =>
      remedy ??
      `correct ${field} in the config file, the flag or the environment, then try: overtapd --check-config`,
  ),
  CONFIG_UNREADABLE: template(
    400,
    (path: string, problem: string) =>
      `configuration: cannot read ${path}: ${problem}`,
    (path: string) => `check that ${path} exists and holds YAML or JSON`,
  ),
  PRIVILEGES_MISSING: template(
    403,
    (capabilities: readonly string[]) =>
      `overtapd may not change this host's network: it lacks ${capabilities.join(', ')}`,
    () =>
      'run overtapd as root (sudo overtapd), or in a container with --privileged --network host --pid host',
    (capabilities: readonly string[]) => ({ capabilities }),
  ),

  // -- command line ----------------------------------------------------------
  USAGE: template<[problem: string, remedy: string]>(
    400,
    (problem) => problem,
    (_, remedy) => remedy,
  ),
  DAEMON_NOT_RUNNING: template(
    503,
    (socket: string) => `overtapd is not running at ${socket}`,
    () =>
      'start it (overtapd), or say where its socket is: --socket PATH or OVERTAP_SOCKET',
  ),
  DAEMON_UNREACHABLE: template(
    503,
    (socket: string, problem: string) =>
      `overtapd at ${socket} does not answer: ${problem}`,
    () =>
      'check that this user may use the socket (sudo), and read the log of the daemon',
  ),

  // -- HTTP API --------------------------------------------------------------
  REQUEST_INVALID: template(
    400,
    (problems: readonly { field: string; problem: string }[]) =>
      `invalid request: ${problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ')}`,
    () => 'correct the fields named; docs/interfaces/api.md lists them',
    (problems: readonly { field: string; problem: string }[]) => problems,
  ),
  ROUTE_UNKNOWN: template(
    404,
    (method: string, path: string) => `there is no ${method} ${path}`,
    () => 'docs/interfaces/api.md lists what there is',
  ),
  INTERNAL: template(
    500,
    (id: string) => `something went wrong inside overtapd (error ${id})`,
    (id: string) => `find ${id} in the log of the daemon and report it`,
  ),
  SOCKET_IN_USE: template(
    409,
    (path: string) => `a daemon is already listening on ${path}`,
    () => 'stop the other daemon, or give this one another: --socket PATH',
  ),
  SOCKET_UNUSABLE: template(
    400,
    (path: string, problem: string) => `cannot listen on ${path}: ${problem}`,
    () => 'give the daemon a path that is free and writable: --socket PATH',
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
  EMBEDDED_REDIS_MISSING: template(
    500,
    () => 'the embedded store needs redis-server, which is not installed',
    () =>
      'apt-get install redis-server, or join an existing store: overtapd --store redis://HOST',
  ),
  EMBEDDED_REDIS_FAILED: template(
    500,
    (problem: string) => `the embedded redis-server does not start: ${problem}`,
    () => 'correct what redis-server reports, then start overtapd again',
  ),
  EMBEDDED_REDIS_IN_USE: template(
    409,
    (directory: string, pid: number) =>
      `${directory} is in use by the running process ${pid}`,
    () =>
      'stop that process, or give this daemon a state directory of its own: overtapd --state DIR',
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
