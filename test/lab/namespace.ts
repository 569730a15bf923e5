import { execa } from 'execa'
import { Program } from './program.js'
import type { WallClock } from './wall-clock.js'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A network namespace of a lab: a container, or with `Host` a machine. */
export class Namespace {
  readonly #programs: Program[]

  constructor(
    /** Short name within the lab. */
    readonly label: string,
    /** Name on this machine, as `ip netns` has it. */
    readonly name: string,
    /** Where the lab keeps what it must end. */
    programs: Program[],
  ) {
    this.#programs = programs
  }

  get path(): string {
    return `/run/netns/${this.name}`
  }

  /**
   * Runs a command to its end, with the namespace's own resolv.conf. Whatever
   * its exit code is; stopped after `timeoutMs`.
   */
  async attempt(
    file: string,
    args: readonly string[],
    options: { readonly input?: string; readonly timeoutMs?: number } = {},
  ): Promise<Outcome> {
    const result = await execa(
      'ip',
      ['netns', 'exec', this.name, file, ...args],
      {
        reject: false,
        timeout: options.timeoutMs ?? 30_000,
        ...(options.input === undefined ? {} : { input: options.input }),
      },
    )
    return {
      code: result.exitCode ?? 255,
      stdout: result.stdout,
      stderr: result.stderr,
    }
  }

  /** Runs a command that has to succeed; resolves to what it printed. */
  async run(file: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(file, args)
    if (code === 0) return stdout
    throw new Error(
      `${file} ${args.join(' ')} in ${this.name} failed (${code}): ${stderr}${stdout}`,
    )
  }

  /** Ids of what runs in it. */
  async processes(): Promise<readonly number[]> {
    const { stdout } = await execa('ip', ['netns', 'pids', this.name])
    return stdout.split('\n').filter(Boolean).map(Number)
  }

  /** Several `ip` commands, one per line, in one process. */
  async ip(...lines: readonly string[]): Promise<void> {
    await execa('ip', ['-n', this.name, '-batch', '-'], {
      input: lines.join('\n') + '\n',
    })
  }

  /**
   * Starts a program that the lab ends. It sees the files of the machine, as a
   * daemon of the host does: only its network is the namespace's.
   */
  start(
    file: string,
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv } = {},
  ): Program {
    const program = new Program(
      'nsenter',
      [...this.namespaces(), file, ...args],
      options,
    )
    this.#programs.push(program)
    return program
  }

  /** What a program of it enters first, as `nsenter` has it. */
  protected namespaces(): readonly string[] {
    return [`--net=${this.path}`]
  }
}

/** A namespace that stands for a machine on the lab's switch. */
export class Host extends Namespace {
  constructor(
    label: string,
    name: string,
    programs: Program[],
    /** Its address on the underlay, without prefix length. */
    readonly address: string,
  ) {
    super(label, name, programs)
  }

  /** Its interface on the underlay. */
  readonly interface = 'eth0'
  /** For what is started from then on; without one it is this machine's. */
  clock: WallClock | undefined
  /**
   * A process that has the mounts and the host name of this host, for what is
   * started from then on; without one they are this machine's.
   */
  mounts: Program | undefined

  override start(
    file: string,
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv } = {},
  ): Program {
    const env = { ...this.clock?.env, ...options.env }
    return super.start(file, args, { env })
  }

  protected override namespaces(): readonly string[] {
    const { mounts } = this
    const own = mounts ? ['--target', `${mounts.pid}`, '--mount', '--uts'] : []
    return [...super.namespaces(), ...own]
  }
}
