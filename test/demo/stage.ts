import { symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { Daemon } from '../lab/daemon.js'
import { DockerHost } from '../lab/docker.js'
import { Internet } from '../lab/internet.js'
import { Lab } from '../lab/lab.js'
import type { Host } from '../lab/namespace.js'
import { RedisServer } from '../lab/redis.js'
import type { Command } from './step.js'

export interface Answer {
  readonly code: number
  /** Both outputs as the user sees them. */
  readonly text: string
}

const addresses = {
  host1: '192.168.56.129',
  host2: '192.168.56.130',
  host3: '192.168.56.128',
}
const overtap = fileURLToPath(
  new URL('../../src/bin/overtap.js', import.meta.url),
)

/** Three machines to type commands on. */
export class Stage {
  readonly lab: Lab
  readonly #hosts: Readonly<Record<Command['on'], Host>>
  readonly #daemons = new Map<string, Daemon>()
  readonly #dockers = new Map<string, DockerHost>()
  /** Holds `overtap` under the name that a user types. */
  readonly #bin: string

  private constructor(
    lab: Lab,
    hosts: Record<Command['on'], Host>,
    bin: string,
  ) {
    this.lab = lab
    this.#hosts = hosts
    this.#bin = bin
  }

  static async set(): Promise<Stage> {
    const lab = await Lab.create({ plainNames: true })
    const hosts = {
      host1: await lab.addHost('host1', addresses.host1),
      host2: await lab.addHost('host2', addresses.host2),
      host3: await lab.addHost('host3', addresses.host3),
    }
    await Internet.create(lab, [hosts.host2, hosts.host3])
    const bin = await lab.makeDirectory()
    await symlink('/usr/bin/docker', join(bin, 'docker'))
    const wrapper = `#!/bin/sh\nexec '${process.execPath}' '${overtap}' "$@"\n`
    await writeFile(join(bin, 'overtap'), wrapper, { mode: 0o755 })
    return new Stage(lab, hosts, bin)
  }

  /** The daemons of host2 and host3, in this order. */
  get daemons(): readonly [Daemon, Daemon] {
    const [one, two] = this.#daemons.values()
    if (!one || !two) throw new Error('the daemons did not start')
    return [one, two]
  }

  /**
   * Types a command line. What goes on running and what has to be removed later
   * goes through the lab, everything else is run word for word.
   */
  async type({ on, line }: Command): Promise<Answer> {
    const host = this.#hosts[on]
    const [file = '', ...args] = line.split(' ')
    if (file === 'redis-server') return this.#startRedis(host)
    if (file === 'dockerd') return this.#startDocker(host)
    if (file === 'overtapd') return this.#startDaemon(host, args)
    if (line.startsWith('ip netns add ')) {
      await this.lab.addContainer(args.at(-1) ?? '')
      return { code: 0, text: '' }
    }
    if (args.at(-1) === '&') return this.#start(host, file, args.slice(0, -1))
    return this.#run(host, file, args)
  }

  async #startRedis(host: Host): Promise<Answer> {
    await RedisServer.start(this.lab, host)
    return { code: 0, text: 'Ready to accept connections' }
  }

  async #startDaemon(host: Host, flags: readonly string[]): Promise<Answer> {
    const docker = this.#dockers.get(host.label)
    const socket = docker ? ['--docker-socket', docker.socket] : []
    const daemon = await Daemon.start(this.lab, host, {
      flags: [...flags, ...socket],
    })
    this.#daemons.set(host.label, daemon)
    return { code: 0, text: await daemon.logged(/^overtapd ready:/) }
  }

  async #startDocker(host: Host): Promise<Answer> {
    this.#dockers.set(host.label, await DockerHost.start(this.lab, host))
    return { code: 0, text: 'API listen on /run/docker.sock' }
  }

  /** What goes on while other commands are typed; it has to say that it does. */
  async #start(
    host: Host,
    file: string,
    args: readonly string[],
  ): Promise<Answer> {
    const text = await host.start(file, args).line(/./)
    return { code: 0, text }
  }

  async #run(
    host: Host,
    file: string,
    args: readonly string[],
  ): Promise<Answer> {
    const daemon = this.#daemons.get(host.label)
    const docker = this.#dockers.get(host.label)
    const { exitCode, all } = await execa(
      'nsenter',
      [`--net=${host.path}`, file, ...args],
      {
        reject: false,
        all: true,
        timeout: 30_000,
        env: {
          // Not the `nft` that an npm script finds first.
          PATH: [this.#bin, '/usr/sbin', process.env['PATH']].join(delimiter),
          ...(daemon && { OVERTAP_SOCKET: daemon.socket }),
          ...docker?.env,
        },
      },
    )
    return { code: exitCode ?? 255, text: all }
  }
}
