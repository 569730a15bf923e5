import { join } from 'node:path'
import { Daemon } from './daemon.js'
import { DockerHost, image } from './docker.js'
import { Lab } from './lab.js'
import type { Host } from './namespace.js'
import { RedisServer } from './redis.js'

/** A host of the lab with dockerd and overtapd. */
export interface DockerMachine {
  readonly docker: DockerHost
  readonly daemon: Daemon
  /** Docker's API with overlay networks, when it was asked for. */
  readonly compat: string
}

/** As Docker shows it inside of a container. */
export interface ContainerLink {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  /** Of IPv4, with prefix length. */
  readonly addresses: readonly string[]
}

/** The tutorial's machines, with Docker: the store on host1, containers on both others. */
export class DockerCluster {
  private constructor(
    readonly lab: Lab,
    readonly host1: Host,
    readonly host2: DockerMachine,
    readonly host3: DockerMachine,
  ) {}

  /**
   * With `agent`, overtapd is told where Docker's API is; with `compat`, it has
   * a socket that shows overlay networks.
   */
  static async start({
    agent = false,
    compat = false,
  } = {}): Promise<DockerCluster> {
    const lab = await Lab.create()
    try {
      const host1 = await lab.addHost('host1', '192.168.56.129')
      const redis = await RedisServer.start(lab, host1)
      const [host2, host3] = await Promise.all(
        (
          [
            ['host2', '192.168.56.130'],
            ['host3', '192.168.56.128'],
          ] as const
        ).map(async ([label, address]) => {
          const host = await lab.addHost(label, address)
          const docker = await DockerHost.start(lab, host)
          const store = redis.url
          const api = agent ? docker.socket : '/nonexistent/docker.sock'
          const overlay = join(await lab.makeDirectory(), 'docker.sock')
          const flags = [
            ...['--docker', '--docker-socket', api],
            ...(compat ? ['--docker-compat-socket', overlay] : []),
          ]
          const daemon = await Daemon.start(lab, host, { store, flags })
          return { docker, daemon, compat: overlay }
        }),
      )
      if (!host2 || !host3) throw new Error('two machines were asked for')
      return new DockerCluster(lab, host1, host2, host3)
    } catch (error) {
      await lab.destroy()
      throw error
    }
  }

  stop(): Promise<void> {
    return this.lab.destroy()
  }
}

/** `docker network create -d overtap`. */
export function createNetwork(
  { docker }: DockerMachine,
  name: string,
  ...args: readonly string[]
): Promise<string> {
  const driver = ['--driver', 'overtap', '--ipam-driver', 'overtap']
  return docker.docker('network', 'create', ...driver, ...args, name)
}

/** `docker run` of a container that does nothing. */
export async function runContainer(
  { docker }: DockerMachine,
  name: string,
  network: string,
  ...args: readonly string[]
): Promise<void> {
  const options = ['--detach', '--init', '--name', name, '--network', network]
  await docker.docker('run', ...options, ...args, image, 'sleep', '1000')
}

/** What `ip` says of a container's links, without loopback. */
export async function linksOf(
  { docker }: DockerMachine,
  name: string,
): Promise<readonly ContainerLink[]> {
  const text = await docker.docker('exec', name, 'ip', 'address')
  return text
    .split(/^(?=\d+: )/m)
    .map((part) => ({
      name: /^\d+: ([^:@]+)/.exec(part)?.[1] ?? '',
      mac: /link\/ether (\S+)/.exec(part)?.[1] ?? '',
      mtu: Number(/mtu (\d+)/.exec(part)?.[1]),
      addresses: [...part.matchAll(/inet (\S+)/g)].map(([, one = '']) => one),
    }))
    .filter((link) => link.name !== 'lo')
}

/** Whether a container gets an answer to its first packet. */
export async function pings(
  { docker }: DockerMachine,
  name: string,
  address: string,
): Promise<boolean> {
  const ping = ['ping', '-c', '1', '-W', '2', address]
  return (await docker.attempt('exec', name, ...ping)).code === 0
}
