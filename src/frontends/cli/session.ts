import type { OvertapError } from '../../base/errors.js'
import type { LoadGenerator } from '../../load/load-generator.js'
import type { Namespaces } from '../../system/system.js'
import type { ApiClient } from '../api/client.js'

/** What a command may use of this host without a daemon. */
export interface Host {
  readonly namespaces: Namespaces
  readonly loadGenerator: LoadGenerator
  /** Removes what daemons left; resolves to what that was. */
  readonly uninstall: () => Promise<readonly string[]>
}

/** What a command gets: a daemon to ask, and somewhere to answer. */
export interface Session {
  readonly client: ApiClient
  readonly host: Host
  /** Programs read the answer. */
  readonly json: boolean
  /** Directory that relative paths start from. */
  readonly cwd: string
  /**
   * From now on Ctrl-C ends no process, but aborts this; so does a reader of
   * stdout that has seen enough.
   */
  readonly interruption: () => AbortSignal
  /** One line, or several, on stdout. */
  readonly print: (text: string) => void
  /** A remark for people on stderr. */
  readonly note: (text: string) => void
  /** Reports a failure and goes on; the exit code will tell. */
  readonly fail: (error: OvertapError) => void
}

/** Runs a command's work with a session that ends after it. */
export type Run = (work: (session: Session) => Promise<void>) => Promise<void>
