import type { OvertapError } from '../../base/errors.js'

/** Documented in docs/interfaces/cli.md; scripts depend on them. */
export const exitCodes = {
  ok: 0,
  /** The daemon refused, or failed. */
  refused: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** There is no daemon to ask. */
  unreachable: 3,
} as const

export function exitCodeOf({ code }: OvertapError): number {
  switch (code) {
    case 'USAGE':
      return exitCodes.usage
    case 'DAEMON_NOT_RUNNING':
    case 'DAEMON_UNREACHABLE':
      return exitCodes.unreachable
    default:
      return exitCodes.refused
  }
}
