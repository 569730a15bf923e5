import type { ExecutionContext } from 'ava'
import { hostNamespace } from '../../../../src/node/endpoints/sandbox.js'
import type { TestNode } from '../../../support/test-node.js'
import { call, plug } from '../../frontends/docker/plugged.js'

/** Options that libnetwork sends with every network. */
const networkOptions = {
  'com.docker.network.enable_ipv6': false,
  'com.docker.network.generic': {},
}

interface Pool {
  readonly PoolID: string
  readonly Pool: string
}

export interface DockerNetwork {
  readonly id: string
  readonly pool: Pool
  readonly gateway: string
}

export interface DockerContainer {
  readonly network: DockerNetwork
  readonly endpoint: string
  readonly sandbox: string
  /** With prefix length. */
  readonly address: string
  readonly mac: string
  /** In the host. */
  readonly link: string
}

interface CreateOptions {
  readonly subnet?: string
  readonly range?: string
  readonly gateway?: string
  readonly aux?: Readonly<Record<string, string>>
  readonly gid?: string
  readonly options?: Readonly<Record<string, string>>
  readonly internal?: boolean
}

let ids = 0

/**
 * Sends what dockerd 20.10 sends, in its order (libnetwork at 20.10: network.go
 * ipamAllocateVersion, endpoint.go sbJoin and sbLeave), to a daemon on fakes.
 */
export class FakeDocker {
  constructor(
    readonly daemon: TestNode,
    readonly socket: string,
  ) {}

  static async start(t: ExecutionContext, daemon: TestNode) {
    const { socket } = await plug(t, daemon.node.driver)
    return new FakeDocker(daemon, socket)
  }

  /** Rejects with the text of a refusal. */
  async call<T = Record<string, unknown>>(
    method: string,
    body: object,
  ): Promise<T> {
    const answer = await call(this.socket, method, body)
    const { Err, Error: error } = answer.body as {
      Err?: string
      Error?: string
    }
    const problem = method.startsWith('Ipam') ? error : Err
    if (problem) throw new Error(problem)
    return answer.body as T
  }

  /** `docker network create`; takes back what it has when it is refused. */
  async createNetwork(options: CreateOptions = {}): Promise<DockerNetwork> {
    const { subnet = '', range = '', gid, gateway = '' } = options
    const id = newId()
    const byGid = gid === undefined ? {} : { 'overtap.gid': gid }
    const pool = await this.call<Pool & { Data: object }>(
      'IpamDriver.RequestPool',
      {
        AddressSpace: 'overtap',
        Pool: subnet,
        SubPool: range,
        Options: byGid,
        V6: false,
      },
    )
    try {
      const way = await this.requestAddress(pool.PoolID, gateway, true)
      const aux: Record<string, string> = {}
      for (const [name, address] of Object.entries(options.aux ?? {})) {
        aux[name] = await this.requestAddress(pool.PoolID, address)
      }
      await this.call('NetworkDriver.CreateNetwork', {
        NetworkID: id,
        Options: {
          ...networkOptions,
          ...(options.internal && { 'com.docker.network.internal': true }),
          'com.docker.network.generic': { ...options.options, ...byGid },
        },
        IPv4Data: [
          {
            AddressSpace: 'overtap',
            Pool: pool.Pool,
            Gateway: way,
            AuxAddresses: aux,
          },
        ],
        IPv6Data: [],
      })
      return { id, pool, gateway: way }
    } catch (error) {
      await this.call('IpamDriver.ReleasePool', { PoolID: pool.PoolID })
      throw error
    }
  }

  async removeNetwork({ id, pool, gateway }: DockerNetwork): Promise<void> {
    await this.call('NetworkDriver.DeleteNetwork', { NetworkID: id })
    await this.releaseAddress(pool.PoolID, gateway)
    await this.call('IpamDriver.ReleasePool', { PoolID: pool.PoolID })
  }

  async requestAddress(PoolID: string, Address = '', isGateway = false) {
    const kind = { RequestAddressType: 'com.docker.network.gateway' }
    const answer = await this.call<{ Address: string }>(
      'IpamDriver.RequestAddress',
      { PoolID, Address, Options: isGateway ? kind : null },
    )
    return answer.Address
  }

  async releaseAddress(PoolID: string, address: string): Promise<void> {
    const [Address = ''] = address.split('/')
    await this.call('IpamDriver.ReleaseAddress', { PoolID, Address })
  }

  /** Up to Join, as `docker run` does it before there is a sandbox. */
  async join(
    network: DockerNetwork,
    { ip = '', mac = '' } = {},
  ): Promise<DockerContainer> {
    const endpoint = newId()
    const sandbox = `/var/run/docker/netns/${endpoint.slice(0, 12)}`
    const address = await this.requestAddress(network.pool.PoolID, ip)
    const where = { NetworkID: network.id, EndpointID: endpoint }
    const created = await this.call<{ Interface: { MacAddress?: string } }>(
      'NetworkDriver.CreateEndpoint',
      {
        ...where,
        Interface: { Address: address, AddressIPv6: '', MacAddress: mac },
        Options: { 'com.docker.network.endpoint.exposedports': [] },
      },
    )
    const joined = await this.call<{ InterfaceName: { SrcName: string } }>(
      'NetworkDriver.Join',
      { ...where, SandboxKey: sandbox, Options: null },
    )
    return {
      network,
      endpoint,
      sandbox,
      address,
      mac: created.Interface.MacAddress ?? mac,
      link: joined.InterfaceName.SrcName,
    }
  }

  /** `docker run`. */
  async run(network: DockerNetwork, options = {}): Promise<DockerContainer> {
    const container = await this.join(network, options)
    this.moveIn(container)
    return container
  }

  moveIn({ link, sandbox }: DockerContainer): void {
    const { system } = this.daemon
    system.addSandbox(sandbox)
    system.moveLink(hostNamespace, link, sandbox, 'eth0')
  }

  /** `docker stop`, `kill` and `rm -f` are the same to a driver. */
  async stop(container: DockerContainer): Promise<void> {
    const { network, endpoint, sandbox, link, address } = container
    const where = { NetworkID: network.id, EndpointID: endpoint }
    await this.call('NetworkDriver.Leave', where)
    this.daemon.system.moveLink(sandbox, 'eth0', hostNamespace, link)
    await this.call('NetworkDriver.DeleteEndpoint', where)
    await this.releaseAddress(network.pool.PoolID, address)
  }
}

export function newId(): string {
  return (++ids).toString(16).padStart(8, '0').padEnd(64, '0')
}
