import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { overtap } from './command-line.js'
import type { Lab } from './lab.js'
import type { Host, Outcome } from './namespace.js'
import type { Exit, Program } from './program.js'

const bin = fileURLToPath(new URL('../../src/bin/', import.meta.url))
const configFile = 'overtap.json'
const readyTimeoutMs = 30_000

/** What a configuration file says. */
export type Settings = Readonly<Record<string, unknown>>

export interface DaemonOptions {
  /** Absent: the daemon's embedded default. */
  readonly store?: string
  readonly flags?: readonly string[]
  readonly settings?: Settings
  readonly env?: NodeJS.ProcessEnv
}

export interface CliOutcome extends Outcome {
  /** What it printed, parsed; undefined when that is not JSON. */
  readonly json: unknown
}

/** `overtapd` on a host of the lab, and `overtap` talking to it. */
export class Daemon {
  readonly host: Host
  readonly socket: string
  readonly state: string
  readonly #config: string
  readonly #options: DaemonOptions
  #program: Program | undefined

  private constructor(host: Host, directory: string, options: DaemonOptions) {
    this.host = host
    this.socket = join(directory, 'overtap.sock')
    this.state = join(directory, 'state')
    this.#config = join(directory, configFile)
    this.#options = options
  }

  /** Resolves when the daemon says that it is ready. */
  static async start(
    lab: Lab,
    host: Host,
    options: DaemonOptions = {},
  ): Promise<Daemon> {
    const directory = await lab.makeDirectory()
    await writeFile(
      join(directory, configFile),
      JSON.stringify(options.settings ?? {}),
    )
    const daemon = new Daemon(host, directory, options)
    await daemon.start()
    return daemon
  }

  /** Has it started with another configuration file the next time. */
  async configure(settings: Settings): Promise<void> {
    await writeFile(this.#config, JSON.stringify(settings))
  }

  /** Starts it again, on the same state and socket. */
  async start(): Promise<void> {
    const { store, flags = [], env } = this.#options
    this.#program = this.host.start(
      process.execPath,
      [
        ...['--enable-source-maps', join(bin, 'overtapd.js')],
        ...(store === undefined ? [] : ['--store', store]),
        ...['--host', this.host.label, '--advertise', this.host.address],
        ...['--state', this.state, '--socket', this.socket],
        ...['--config', this.#config],
        ...flags,
      ],
      env ? { env } : {},
    )
    await this.#program.line(/^overtapd ready:/, readyTimeoutMs)
  }

  /** Its log, most recent lines. */
  get log(): string {
    return this.#program?.output ?? ''
  }

  get running(): boolean {
    return this.#program?.running ?? false
  }

  get pid(): number {
    return this.#program?.pid ?? 0
  }

  /** Waits for a line of its log. */
  async logged(pattern: RegExp): Promise<string> {
    if (!this.#program) throw new Error('the daemon was never started')
    return this.#program.line(pattern)
  }

  /** A clean end, as systemd asks for it. */
  async stop(): Promise<Exit | undefined> {
    return this.#program?.stop()
  }

  /** As if its machine stood still, until `thaw`. */
  freeze(): void {
    this.#program?.freeze()
  }

  thaw(): void {
    this.#program?.thaw()
  }

  /** As if it crashed. */
  async crash(): Promise<void> {
    await this.#program?.stop('SIGKILL')
  }

  /** Runs `overtap ARGS` as a person would: a process, whatever its exit code is. */
  async cli(...args: readonly string[]): Promise<CliOutcome> {
    const result = await execa(
      process.execPath,
      [join(bin, 'overtap.js'), ...args],
      {
        reject: false,
        timeout: 30_000,
        env: { OVERTAP_SOCKET: this.socket },
      },
    )
    const { stdout, stderr } = result
    const code = result.exitCode ?? 255
    return { code, stdout, stderr, json: parse(stdout) }
  }

  /**
   * What `overtap ARGS --json` answers, which has to succeed; for the many questions
   * of a test, in this process.
   */
  async ask<T = unknown>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await overtap(this.socket, [
      ...args,
      '--json',
    ])
    const json = parse(stdout)
    if (code === 0 && json !== undefined) return json as T
    throw new Error(
      `overtap ${args.join(' ')} on ${this.host.label} failed (${code}): ${stderr}\ndaemon:\n${this.log}`,
    )
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
