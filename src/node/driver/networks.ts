import { errors, isOvertapError } from '../../base/errors.js'
import { keys } from '../../store/records.js'
import type { Network } from '../../store/records.js'
import type { Versioned } from '../../store/cluster-view.js'
import { checkName } from '../network-plan.js'
import { networkId } from '../networks.js'
import { withUndo } from '../undo.js'
import type { CreateNetwork } from '../use-cases.js'
import type { MappedNetwork } from './network-map.js'
import type { DriverParts } from './parts.js'
import type { PendingPool } from './pending-pools.js'
import { findNetwork } from './pools.js'
import type { Pools } from './pools.js'
import type { DriverNetworkRequest } from './use-cases.js'

/** Docker tells the driver no name; until the agent knows it, this is it. */
export function provisionalName(dockerId: string): string {
  return `docker-${dockerId.slice(0, 12)}`
}

/** Networks as Docker makes and removes them. */
export class DriverNetworks {
  readonly #parts: DriverParts
  readonly #pools: Pools

  constructor(parts: DriverParts, pools: Pools) {
    this.#parts = parts
    this.#pools = pools
  }

  async create(request: DriverNetworkRequest): Promise<void> {
    if (request.network === undefined) return this.#createNew(request)
    const { map } = this.#parts
    const { value } = await findNetwork(request.network, this.#parts)
    for (const { subnet } of request.pools) {
      if (value.subnets.some((one) => one.subnet === subnet)) continue
      throw errors.POOL_MISMATCH(value.name, subnet)
    }
    await map.put({
      dockerId: request.dockerId,
      network: value.id,
      isUnnamed: false,
      pools: request.pools.map(({ subnet }) => `${value.id}/${subnet}`),
    })
  }

  /** What Docker removes it forgets, whatever we say. */
  async delete(dockerId: string): Promise<void> {
    const { map, networks, view, log } = this.#parts
    const mapped = map.get(dockerId)
    if (mapped === undefined) return
    const network = view.networks.get(mapped.network)?.value
    if (network && isUnnamed(mapped, network)) {
      try {
        await networks.remove(network.id)
      } catch (error) {
        if (!isOvertapError(error)) throw error
        log.warn({ err: error, network: network.name }, 'it stays for now')
      }
    }
    await map.delete(dockerId)
  }

  /** The one of the cluster. DOCKER_NETWORK_UNKNOWN. */
  async find(dockerId: string): Promise<Network> {
    const { map, view, writer } = this.#parts
    const mapped = map.get(dockerId)
    if (mapped === undefined) throw errors.DOCKER_NETWORK_UNKNOWN(dockerId)
    if (!view.networks.has(mapped.network)) await writer.catchUp()
    const found = view.networks.get(mapped.network)
    if (found === undefined) throw errors.DOCKER_NETWORK_UNKNOWN(dockerId)
    return found.value
  }

  /** Gives it the name and the labels that it has in Docker. */
  async name(
    dockerId: string,
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<void> {
    checkName(name)
    const { map, view, writer, log } = this.#parts
    const mapped = map.get(dockerId)
    if (mapped === undefined) return this.#adopt(dockerId, name)
    const { id } = await this.find(dockerId)
    await writer.retrying(async () => {
      const network = view.networks.get(id)
      if (network === undefined) throw errors.DOCKER_NETWORK_UNKNOWN(dockerId)
      const holder = view.networkByName(name)?.value.id
      if (holder === id) return
      if (holder !== undefined) throw errors.NETWORK_EXISTS(name)
      await this.#rename(network, name, labels)
      log.info({ network: name }, `network named, was ${network.value.name}`)
    })
    await map.put({ ...mapped, isUnnamed: false })
  }

  /** One that the journal has lost: it is the network of its name. */
  async #adopt(dockerId: string, name: string): Promise<void> {
    const { map, view, writer } = this.#parts
    if (!view.networkByName(name)) await writer.catchUp()
    const network = view.networkByName(name)?.value
    if (network === undefined) throw errors.DOCKER_NETWORK_UNKNOWN(dockerId)
    const { id, subnets } = network
    const pools = subnets.map(({ subnet }) => `${id}/${subnet}`)
    await map.put({ dockerId, network: id, isUnnamed: false, pools })
  }

  #rename(
    { value, version }: Versioned<Network>,
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { id } = value
    return this.#parts.writer.commit({
      guards: [
        { key: keys.network(id), version },
        { key: keys.networkName(name), version: null },
      ],
      puts: [
        { key: keys.network(id), value: { ...value, name, labels } },
        { key: keys.networkName(name), value: { network: id } },
      ],
      deletes: [keys.networkName(value.name)],
    })
  }

  /**
   * The journal comes first: if the daemon ends in between, DeleteNetwork still
   * finds what there may be.
   */
  async #createNew(request: DriverNetworkRequest): Promise<void> {
    const { map, networks, log, view } = this.#parts
    const { dockerId } = request
    const before = map.get(dockerId)
    // Docker repeats a call whose answer it did not get.
    if (before && view.networks.has(before.network)) return
    const pools = request.pools.map(({ subnet }) => this.#pending(subnet))
    const id = networkId()
    await withUndo(
      log,
      { network: provisionalName(dockerId) },
      async (undo) => {
        undo('forget it', () => map.delete(dockerId))
        await map.put({
          dockerId,
          network: id,
          isUnnamed: true,
          pools: pools.map((pool) => pool.id),
        })
        await networks.create(asked(request, pools), id)
      },
    )
    for (const pool of pools) this.#pools.pending.delete(pool.id)
  }

  /** POOL_UNKNOWN: another IPAM driver's, or asked for too long ago. */
  #pending(subnet: string): PendingPool {
    const pool = this.#pools.pending.ofSubnet(subnet)
    if (pool === undefined) throw errors.POOL_UNKNOWN(subnet)
    return pool
  }
}

function asked(
  { dockerId, pools, internal, options }: DriverNetworkRequest,
  pending: readonly PendingPool[],
): CreateNetwork {
  return {
    name: provisionalName(dockerId),
    subnets: pools.map(({ subnet }) => subnet),
    gateways: pools.flatMap(({ gateway }) => gateway ?? []),
    ipRanges: pending.flatMap(({ range }) => range ?? []),
    auxAddresses: Object.assign(
      {},
      ...pools.map(({ auxAddresses }) => auxAddresses),
    ) as Record<string, string>,
    internal,
    options,
    labels: {},
  }
}

function isUnnamed({ dockerId, isUnnamed }: MappedNetwork, { name }: Network) {
  return isUnnamed && name === provisionalName(dockerId)
}
