import type { LogFields, Logger } from '../base/log.js'

export interface Step {
  readonly name: string
  readonly run: () => unknown
}

/**
 * Runs every step, also after one has failed. Each failure is logged; resolves
 * to what failed, for people.
 */
export async function runAll(
  steps: readonly Step[],
  log: Logger,
  fields: LogFields = {},
): Promise<string[]> {
  const problems: string[] = []
  for (const { name, run } of steps) {
    try {
      await run()
    } catch (error) {
      log.error({ ...fields, err: error, step: name }, 'a clean-up step failed')
      problems.push(`${name}: ${problemText(error)}`)
    }
  }
  return problems
}

/** How to take back what has been done so far, in the order it was done. */
export type Undo = (name: string, run: Step['run']) => void

/**
 * Runs a task that changes several things. When it fails, what it registered
 * with `undo` is run in reverse, and the task's own error goes on.
 */
export async function withUndo<T>(
  log: Logger,
  fields: LogFields,
  task: (undo: Undo) => Promise<T>,
): Promise<T> {
  const steps: Step[] = []
  try {
    return await task((name, run) => steps.push({ name, run }))
  } catch (error) {
    await runAll(steps.reverse(), log, fields)
    throw error
  }
}

function problemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
