import type {
  EndpointResponse,
  NetworkResponse,
} from '../../src/frontends/api/schema.js'
import { Daemon, type Settings } from './daemon.js'
import { Lab, type LabOptions } from './lab.js'
import type { Host, Namespace } from './namespace.js'
import { RedisServer } from './redis.js'
import { WallClock } from './wall-clock.js'

export interface ClusterOptions extends LabOptions {
  /** Family of the underlay. */
  readonly family?: 4 | 6
  /** More flags for both daemons. */
  readonly flags?: readonly string[]
  /** A configuration file for both daemons. */
  readonly settings?: Settings
  /** Each host has a wall clock that a test may set: `host.clock`. */
  readonly wallClocks?: boolean
}

/** A namespace attached to an overlay network. */
export interface Container {
  readonly namespace: Namespace
  readonly endpoint: EndpointResponse
  /** Its IPv4 address, without prefix length. */
  readonly address: string
}

const addresses = {
  4: ['192.168.56.129', '192.168.56.130', '192.168.56.128'],
  6: ['fd00:56::129', 'fd00:56::130', 'fd00:56::128'],
} as const

/** The tutorial's machines: the store on host1, a daemon on host2 and on host3. */
export class Cluster {
  private constructor(
    readonly lab: Lab,
    readonly host1: Host,
    readonly redis: RedisServer,
    readonly host2: Daemon,
    readonly host3: Daemon,
  ) {}

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const lab = await Lab.create(options)
    try {
      const [one, two, three] = addresses[options.family ?? 4]
      const addHost = async (label: string, address: string) => {
        const host = await lab.addHost(label, address)
        if (options.wallClocks) {
          host.clock = await WallClock.create(await lab.makeDirectory())
        }
        return host
      }
      const host1 = await addHost('host1', one)
      const redis = await RedisServer.start(lab, host1)
      const { flags = [], settings = {} } = options
      const daemonOptions = { store: redis.url, flags, settings }
      const [host2, host3] = await Promise.all([
        Daemon.start(lab, await addHost('host2', two), daemonOptions),
        Daemon.start(lab, await addHost('host3', three), daemonOptions),
      ])
      return new Cluster(lab, host1, redis, host2, host3)
    } catch (error) {
      await lab.destroy()
      throw error
    }
  }

  /** Its URL. */
  get store(): string {
    return this.redis.url
  }

  /** `overtap network create FLAGS NAME` on host2. */
  async createNetwork(
    name: string,
    ...flags: readonly string[]
  ): Promise<NetworkResponse> {
    return createNetwork(this.host2, name, ...flags)
  }

  /** A new container, connected under its label as name. */
  async addContainer(
    daemon: Daemon,
    network: string,
    label: string,
    ...flags: readonly string[]
  ): Promise<Container> {
    const namespace = await this.lab.addContainer(label)
    return connect(daemon, network, namespace, ...flags)
  }

  /** Ends everything. */
  stop(): Promise<void> {
    return this.lab.destroy()
  }
}

export async function createNetwork(
  daemon: Daemon,
  name: string,
  ...flags: readonly string[]
): Promise<NetworkResponse> {
  return daemon.ask<NetworkResponse>('network', 'create', ...flags, name)
}

/** `overtap network connect --name LABEL FLAGS NETWORK NAMESPACE` */
export async function connect(
  daemon: Daemon,
  network: string,
  namespace: Namespace,
  ...flags: readonly string[]
): Promise<Container> {
  const endpoint = await daemon.ask<EndpointResponse>(
    ...['network', 'connect', '--name', namespace.label, ...flags],
    ...[network, namespace.name],
  )
  const address = endpoint.IPv4Address.replace(/\/.*/, '')
  return { namespace, endpoint, address }
}
