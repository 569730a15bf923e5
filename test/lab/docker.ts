import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { cgroupsMissing } from './cgroup.js'
import type { Lab } from './lab.js'
import type { Host, Outcome } from './namespace.js'
import type { Exit, Program } from './program.js'

/** Debian's, by its path: another `docker` may be before it in PATH. */
const client = '/usr/bin/docker'
const engine = '/usr/sbin/dockerd'

/** The image that every host has. */
export const image = 'busybox'

/** Why dockerd cannot run here, if it is so. */
export function dockerMissing(): string | undefined {
  const missing = [client, engine, '/usr/bin/containerd', '/bin/busybox'].find(
    (file) => !existsSync(file),
  )
  if (missing !== undefined) return `${missing} is not installed`
  return cgroupsMissing()
}

export interface DockerOptions {
  /** More flags for dockerd. */
  readonly flags?: readonly string[]
}

/**
 * A host of the lab with a dockerd of its own: network, mounts, host name and
 * control group are this host's, and so is /run/docker with the sockets of
 * plugins. What is started on the host afterwards sees the same.
 */
export class DockerHost {
  readonly #programs: { containerd: Program; dockerd?: Program }

  private constructor(
    readonly host: Host,
    /** For everything that is this dockerd's. */
    private readonly directory: string,
    private readonly cgroup: string,
    containerd: Program,
    private readonly options: DockerOptions,
  ) {
    this.#programs = { containerd }
  }

  /** Resolves when dockerd answers and has the image. */
  static async start(
    lab: Lab,
    host: Host,
    options: DockerOptions = {},
  ): Promise<DockerHost> {
    const directory = await lab.makeDirectory()
    const cgroup = lab.nameCgroup(host.label)
    host.mounts = await ownMounts(host)
    const containerd = await startContainerd(host, directory)
    const docker = new DockerHost(host, directory, cgroup, containerd, options)
    await docker.start()
    await docker.#importImage()
    return docker
  }

  /** Its API. */
  get socket(): string {
    return join(this.directory, 'docker.sock')
  }

  /** Starts dockerd again, on the same data and with what runs. */
  async start(): Promise<void> {
    const { directory, cgroup, host } = this
    const dockerd = host.start(engine, [
      ...['--config-file', join(directory, 'daemon.json')],
      ...['--host', `unix://${this.socket}`],
      ...['--data-root', join(directory, 'data')],
      ...['--pidfile', join(directory, 'docker.pid')],
      ...['--containerd', '/run/containerd/containerd.sock'],
      ...['--cgroup-parent', `/${cgroup}`, '--live-restore'],
      ...(this.options.flags ?? []),
    ])
    this.#programs.dockerd = dockerd
    await dockerd.line(/API listen on/, 30_000)
  }

  /** `docker ARGS`, which has to succeed; resolves to what it printed. */
  async docker(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(...args)
    if (code === 0) return stdout
    throw new Error(
      `docker ${args.join(' ')} on ${this.host.label} failed (${code}): ${stderr}${stdout}\ndockerd:\n${this.log}`,
    )
  }

  /** `docker ARGS`, whatever its exit code is. */
  attempt(...args: readonly string[]): Promise<Outcome> {
    return askDocker(this.socket, args)
  }

  /** What `docker inspect` says of a container or network. */
  async inspect<T>(thing: string): Promise<T> {
    const [found] = JSON.parse(await this.docker('inspect', thing)) as T[]
    if (found !== undefined) return found
    throw new Error(`${thing} is not known to Docker on ${this.host.label}`)
  }

  /** The log of dockerd, most recent lines. */
  get log(): string {
    return this.#programs.dockerd?.output ?? ''
  }

  get pid(): number {
    return this.#programs.dockerd?.pid ?? 0
  }

  /** As systemd asks it to end; containers go on. */
  async stop(): Promise<Exit | undefined> {
    return this.#programs.dockerd?.stop()
  }

  /** As if it crashed; containers go on. */
  async crash(): Promise<void> {
    await this.#programs.dockerd?.stop('SIGKILL')
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** For a client of it. */
  get env(): NodeJS.ProcessEnv {
    return clientEnv(this.socket)
  }

  async #importImage(): Promise<void> {
    const root = join(this.directory, 'image')
    await makeImage(root)
    const change = 'CMD ["sh"]'
    await execa('tar', ['--create', '--directory', root, '.']).pipe(
      client,
      ['import', '--change', change, '-', image],
      { env: this.env },
    )
  }
}

/** `docker ARGS` at a socket, with `input` and then its end. */
export async function askDocker(
  socket: string,
  args: readonly string[],
  input = '',
): Promise<Outcome> {
  const result = await execa(client, args, {
    ...{ reject: false, timeout: 60_000, input },
    env: clientEnv(socket),
  })
  const { stdout, stderr, exitCode = 255 } = result
  return { code: exitCode, stdout, stderr }
}

/** `docker ARGS` at a socket, line by line as it says them. */
export function followDocker(socket: string, args: readonly string[]) {
  return execa(client, args, {
    ...{ reject: false, timeout: 60_000 },
    env: clientEnv(socket),
  })
}

function clientEnv(socket: string): NodeJS.ProcessEnv {
  return { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: dirname(socket) }
}

/** A process with mounts and a host name of its own, which others enter. */
async function ownMounts(host: Host): Promise<Program> {
  const script = [
    `hostname ${host.label}`,
    'mkdir -p /run/docker /run/containerd',
    'mount -t tmpfs -o mode=711 docker /run/docker',
    'mount -t tmpfs -o mode=711 containerd /run/containerd',
    'mkdir /run/docker/plugins',
    'echo separated',
    'exec sleep infinity',
  ].join(' && ')
  const keeper = host.start('unshare', [
    // What is mounted on the machine later, namespaces above all, is seen.
    ...['--mount', '--uts', '--propagation', 'slave', 'sh', '-c', script],
  ])
  await keeper.line(/^separated$/)
  return keeper
}

async function startContainerd(
  host: Host,
  directory: string,
): Promise<Program> {
  const config = join(directory, 'containerd.toml')
  await writeFile(
    config,
    `version = 2
root = "${directory}/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
`,
  )
  await writeFile(join(directory, 'daemon.json'), '{}')
  const containerd = host.start('containerd', ['--config', config])
  await containerd.line(/containerd successfully booted/)
  return containerd
}

/** Debian's static busybox under all its names. */
async function makeImage(root: string): Promise<void> {
  const bin = join(root, 'bin')
  await mkdir(bin, { recursive: true })
  await mkdir(join(root, 'tmp'))
  await cp('/bin/busybox', join(bin, 'busybox'))
  const { stdout } = await execa('/bin/busybox', ['--list'])
  const names = stdout.split('\n').filter((name) => name !== 'busybox')
  await Promise.all(names.map((name) => symlink('busybox', join(bin, name))))
}
