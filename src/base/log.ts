import pino from 'pino'
import pretty from 'pino-pretty'
import type { Config } from './config.js'

/**
 * Every field a log line may have, so that one thing has one name everywhere
 * and a search over many hosts finds it.
 */
export interface LogFields {
  /** A failure: pino writes its type, message and stack. */
  readonly err?: unknown
  /** Name of a host. */
  readonly host?: string
  /** Name of a network. */
  readonly network?: string
  readonly vni?: number
  /** Name of a container on a network. */
  readonly endpoint?: string
  /** IP address, without prefix length. */
  readonly address?: string
  readonly mac?: string
  /** Number of a local TAP, as the engine counts them. */
  readonly port?: number
  /** `address:port` of a VTEP. */
  readonly peer?: string
  /** Interface name inside a container. */
  readonly interface?: string
  /** Path of a network namespace. */
  readonly netns?: string
  /** Path of a file. */
  readonly path?: string
  /** Position in the store's change feed. */
  readonly revision?: number
  /** Fence number of the host's lease. */
  readonly fence?: number
  /** Name of an option or a setting. */
  readonly option?: string
  /** Why something is not done. */
  readonly reason?: string
  /** What somebody has to do. */
  readonly remedy?: string
  /** What was being done when a step of it failed. */
  readonly step?: string
}

type Write = (fields: LogFields, message: string) => void

/** The part of pino that overtap uses. */
export interface Logger {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

/**
 * Writes to stderr: JSON for machines, or lines for a person at a terminal.
 * Stdout is for the one line that says the daemon is ready.
 */
export function createLogger(config: Config['log']): Logger {
  const { isTTY, fd } = process.stderr
  const forPeople =
    config.format === 'pretty' || (config.format === 'auto' && isTTY)
  return forPeople
    ? pino(
        { level: config.level },
        pretty({ colorize: isTTY, destination: fd, sync: true }),
      )
    : pino({ level: config.level }, pino.destination({ fd, sync: true }))
}
