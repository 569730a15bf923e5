/**
 * A task that many things ask for: one run at a time, and one more after it
 * when somebody asked meanwhile, however many did.
 */
export class Coalesced {
  readonly #task: () => Promise<void>
  #running: Promise<void> | undefined
  #again = false

  /** The task must not reject. */
  constructor(task: () => Promise<void>) {
    this.#task = task
  }

  ask(): void {
    this.#again = true
    this.#running ??= this.#run()
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false
      await this.#task()
    }
    this.#running = undefined
  }
}
