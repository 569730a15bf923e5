import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How much of a program's output is kept to be shown when it fails. */
const keptLines = 400

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A long-running program of a lab: its output, its readiness and its end. */
export class Program {
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #watchers = new Set<() => void>()
  #ended = false

  constructor(
    readonly command: string,
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv } = {},
  ) {
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    this.#child.on('error', (error) => {
      this.#add(error.message)
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface(stream).on('line', this.#add.bind(this))
    }
    this.exited = this.#waitForEnd()
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get running(): boolean {
    return !this.#ended
  }

  /** The last lines of what it wrote to both outputs. */
  get output(): string {
    return this.#lines.join('\n')
  }

  /** The first line that matches; rejects when the program ends or the time is over. */
  async line(pattern: RegExp, timeoutMs = 15_000): Promise<string> {
    const deadline = AbortSignal.timeout(timeoutMs)
    deadline.addEventListener('abort', () => {
      this.#notify()
    })
    for (;;) {
      const found = this.#lines.find((line) => pattern.test(line))
      if (found !== undefined) return found
      if (this.#ended) throw this.#failure(`ended before ${pattern.source}`)
      if (deadline.aborted) throw this.#failure(`lacks ${pattern.source}`)
      await new Promise<void>((resolve) => this.#watchers.add(resolve))
    }
  }

  /** Takes its time away until `thaw`: it answers nobody and notices nothing. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Asks it to end, and insists when it does not. */
  async stop(
    signal: NodeJS.Signals = 'SIGTERM',
    graceMs = 10_000,
  ): Promise<Exit> {
    this.#child.kill(signal)
    // A frozen one would hear of it only then.
    this.thaw()
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), graceMs)
    const exit = await this.exited
    clearTimeout(insist)
    return exit
  }

  async #waitForEnd(): Promise<Exit> {
    // 'error' without 'close' means that it could not even be started.
    const end = this.#child.pid ? 'close' : 'error'
    const [code, signal] = (await once(this.#child, end)) as [
      number | null,
      NodeJS.Signals | null,
    ]
    this.#ended = true
    this.#notify()
    return end === 'close' ? { code, signal } : { code: 127, signal: null }
  }

  #add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > keptLines) this.#lines.shift()
    this.#notify()
  }

  #notify(): void {
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    watchers.forEach((resolve) => {
      resolve()
    })
  }

  #failure(problem: string): Error {
    return new Error(`${this.command} ${problem}; its output:\n${this.output}`)
  }
}
