import { execa } from 'execa'
import { errors } from '../base/errors.js'

export interface Command {
  /** Program and arguments; no shell reads them. */
  readonly argv: readonly [string, ...string[]]
  readonly input?: string
  /** Resolve whatever the exit code is. */
  readonly anyExit?: boolean
}

/**
 * Runs a command to its end and resolves to what it printed. Rejects with
 * COMMAND_FAILED, which quotes stderr.
 */
export type Run = (command: Command) => Promise<string>

const timeoutMs = 10_000

export const run: Run = async ({ argv, input = '', anyExit = false }) => {
  const [file, ...args] = argv
  const result = await execa(file, args, {
    input,
    timeout: timeoutMs,
    reject: false,
  })
  const { failed, exitCode, stdout, stderr } = result
  if (!failed || (anyExit && exitCode !== undefined)) return stdout
  const reason = stderr.trim().replaceAll('\n', '; ')
  throw errors.COMMAND_FAILED(
    argv.join(' '),
    reason === '' ? (result.shortMessage ?? `exit code ${exitCode}`) : reason,
  )
}
