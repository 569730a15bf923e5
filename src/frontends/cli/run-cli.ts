import { CommanderError } from 'commander'
import type { Command } from 'commander'
import { errors, isOvertapError } from '../../base/errors.js'
import type { OvertapError } from '../../base/errors.js'
import type { ApiClient } from '../api/client.js'
import { errorText } from '../../base/error-text.js'
import { usageError } from './usage.js'
import { exitCodeOf, exitCodes } from './exit-code.js'
import { buildProgram, commandPath, defaultSocket } from './program.js'
import type { Host, Run } from './session.js'

/** The world around a run of `overtap`; tests bring their own. */
export interface CliEnvironment {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly interruption: () => AbortSignal
  readonly connect: (socket: string) => ApiClient
  readonly host: Host
}

/** Runs one command line (without node and script); resolves to the exit code. */
export async function runCli(
  args: readonly string[],
  environment: CliEnvironment,
): Promise<number> {
  const { stdout, stderr, cwd, interruption, host } = environment
  // Known before the command line is understood: it may be what is wrong.
  const json = args.includes('--json')
  let exitCode: number = exitCodes.ok
  const fail = (error: OvertapError): void => {
    stderr.write(json ? errorJson(error) : errorText('overtap', error))
    exitCode = Math.max(exitCode, exitCodeOf(error))
  }
  const run: Run = async (work) => {
    const { socket } = program.opts<{ socket?: string }>()
    const client = environment.connect(
      socket ?? environment.env['OVERTAP_SOCKET'] ?? defaultSocket,
    )
    const print = (text: string): unknown => stdout.write(`${text}\n`)
    const note = (text: string): unknown => stderr.write(`note: ${text}\n`)
    try {
      await work({ client, host, json, cwd, interruption, print, note, fail })
    } finally {
      client.close()
    }
  }
  const program = buildProgram(run, (text) => stdout.write(text))
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    const reportable = explain(error, program, args)
    if (reportable) fail(reportable)
  }
  return exitCode
}

/** Null for --help, which is no failure. Bugs are thrown on. */
function explain(
  error: unknown,
  program: Command,
  args: readonly string[],
): OvertapError | null {
  if (isOvertapError(error)) return error
  if (!(error instanceof CommanderError)) throw error
  if (error.exitCode === 0) return null
  const path = commandPath(program, args)
  return error.code === 'commander.help'
    ? errors.USAGE(`${path}: which command?`, `see: ${path} --help`)
    : usageError(error, `${path} --help`)
}

function errorJson({ code, message, remedy, details }: OvertapError): string {
  return `${JSON.stringify({ code, message, remedy, details })}\n`
}
