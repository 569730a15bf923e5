import { errors } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import { runAll } from './undo.js'

/** A part that is started after those before it and stopped before them. */
export interface Stage {
  readonly name: string
  readonly start?: () => unknown
  readonly stop?: () => unknown
}

/** A part that knows itself how to start and stop. */
export function stage(
  name: string,
  part: { start(): unknown; stop(): unknown },
): Stage {
  return { name, start: () => part.start(), stop: () => part.stop() }
}

export class Lifecycle {
  readonly #stages: readonly Stage[]
  readonly #log: Logger
  readonly #started: Stage[] = []

  constructor(stages: readonly Stage[], log: Logger) {
    this.#stages = stages
    this.#log = log
  }

  /** When a stage fails, those before it are stopped again. */
  async start(): Promise<void> {
    try {
      for (const stage of this.#stages) {
        this.#log.debug({ step: stage.name }, 'starting')
        // Listed first: a stage that fails half-way has things to stop too.
        this.#started.push(stage)
        await stage.start?.()
      }
    } catch (error) {
      await this.#stopAll()
      throw error
    }
  }

  /** In reverse, going on past failures, which are reported at the end. */
  async stop(): Promise<void> {
    const problems = await this.#stopAll()
    if (problems.length > 0) {
      throw errors.CLEANUP_INCOMPLETE('stopping', problems)
    }
  }

  #stopAll(): Promise<string[]> {
    const stages = this.#started.splice(0).reverse()
    const steps = stages.map(({ name, stop }) => ({
      name,
      run: () => stop?.(),
    }))
    return runAll(steps, this.#log)
  }
}
