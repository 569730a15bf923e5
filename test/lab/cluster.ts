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
  /** MTU of the link of host3 to a router; without it, host3 is on the switch. */
  readonly narrow?: number
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

/** The router's on the switch, host3's behind it, and the subnet of that. */
const behind = {
  4: ['192.168.56.1', '192.168.57.128', '192.168.57.0/24'],
  6: ['fd00:56::1', 'fd00:57::128', 'fd00:57::/64'],
} as const

/** The tutorial's machines: the store on host1, a daemon on host2 and on host3. */
export class Cluster {
  private constructor(
    readonly lab: Lab,
    readonly host1: Host,
    readonly redis: RedisServer,
    readonly host2: Daemon,
    readonly host3: Daemon,
    /** On the way to host3, if that is not on the switch. */
    readonly router?: Host,
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
      const machine2 = await addHost('host2', two)
      const [machine3, router] =
        options.narrow === undefined
          ? [await addHost('host3', three)]
          : await narrowWay(lab, options, [host1, machine2])
      const redis = await RedisServer.start(lab, host1)
      const { flags = [], settings = {} } = options
      const daemonOptions = { store: redis.url, flags, settings }
      const [host2, host3] = await Promise.all([
        Daemon.start(lab, machine2, daemonOptions),
        Daemon.start(lab, machine3, daemonOptions),
      ])
      return new Cluster(lab, host1, redis, host2, host3, router)
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

/** host3 behind a router that the others know, and that router. */
async function narrowWay(
  lab: Lab,
  { family = 4, narrow = 1500 }: ClusterOptions,
  others: readonly Host[],
): Promise<readonly [Host, Host]> {
  const [nearAddress, farAddress, subnet] = behind[family]
  const router = await lab.addHost('router', nearAddress)
  const host3 = await lab.addHostBehind(router, 'host3', farAddress, narrow)
  for (const host of others) {
    await host.ip(`route add ${subnet} via ${nearAddress}`)
  }
  return [host3, router]
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
