import { errors, isOvertapError } from '../../base/errors.js'
import { Serialised } from '../../base/serialised.js'
import { reservedAddresses } from '../../ipam/addresses.js'
import { withPrefix } from '../../net/cidr.js'
import { canonicalIp, isIp } from '../../net/ip.js'
import type { Network, Subnet } from '../../store/records.js'
import { DriverEndpoints } from './endpoints.js'
import { DriverNetworks } from './networks.js'
import type { DriverParts } from './parts.js'
import { reserve } from './pending-pools.js'
import { Pools } from './pools.js'
import type { FoundPool } from './pools.js'
import { Reservations } from './reservations.js'
import type {
  DriverEndpointNames,
  DriverEndpointRequest,
  DriverNetwork,
  DriverNetworkRequest,
  DriverUseCases,
  JoinRequest,
  PoolAddressRequest,
  PoolRequest,
} from './use-cases.js'

/** Docker's containers, networks and addresses on this host. */
export class Driver implements DriverUseCases {
  readonly #parts: DriverParts
  readonly #pools: Pools
  readonly #reservations: Reservations
  readonly #networks: DriverNetworks
  readonly #endpoints: DriverEndpoints
  /** By Docker's id of the network. */
  readonly #serialised = new Serialised()

  constructor(parts: DriverParts) {
    this.#parts = parts
    this.#pools = new Pools(parts)
    this.#reservations = new Reservations(parts)
    this.#networks = new DriverNetworks(parts, this.#pools)
    this.#endpoints = new DriverEndpoints(
      parts,
      this.#networks,
      this.#reservations,
    )
  }

  requestPool(request: PoolRequest) {
    return this.#pools.request(request)
  }

  releasePool(poolId: string): Promise<void> {
    this.#pools.pending.delete(poolId)
    return Promise.resolve()
  }

  async requestAddress(request: PoolAddressRequest): Promise<string> {
    const found = this.#pools.find(request.pool)
    if ('pending' in found) {
      const { pending } = found
      return withPrefix(reserve(pending, request.address), pending.subnet)
    }
    const { network, subnet } = found
    const fixed = this.#fixedAddress(network, subnet, request)
    if (fixed !== null) return withPrefix(fixed, subnet.subnet)
    const wish = {
      ...(request.address !== undefined && { address: request.address }),
      ...(request.name !== undefined && { name: request.name }),
    }
    return (await this.#reservations.make(network, subnet, wish)).address
  }

  async releaseAddress(poolId: string, address: string): Promise<void> {
    const found = this.#poolIfAny(poolId)
    if (found === null) return
    if ('pending' in found) {
      found.pending.reserved.delete(isIp(address) ? canonicalIp(address) : '')
      return
    }
    try {
      await this.#reservations.release(found.network.id, address)
    } catch (error) {
      if (!isOvertapError(error)) throw error
      const { log } = this.#parts
      log.warn({ err: error, address }, 'an address is given back later')
    }
  }

  createNetwork(request: DriverNetworkRequest): Promise<void> {
    return this.#serialised.run(request.dockerId, () =>
      this.#networks.create(request),
    )
  }

  deleteNetwork(dockerId: string): Promise<void> {
    return this.#serialised.run(dockerId, () => this.#networks.delete(dockerId))
  }

  createEndpoint(request: DriverEndpointRequest) {
    return this.#endpoints.create(request)
  }

  join(request: JoinRequest) {
    return this.#endpoints.join(request)
  }

  /** The interface is in the container until Docker has moved it back. */
  leave(): Promise<void> {
    return Promise.resolve()
  }

  deleteEndpoint(endpointId: string): Promise<void> {
    return this.#endpoints.delete(endpointId)
  }

  describeEndpoint(endpointId: string) {
    return this.#endpoints.describe(endpointId)
  }

  networks(): DriverNetwork[] {
    return this.#parts.map.all().map(({ dockerId, network, isUnnamed }) => ({
      dockerId,
      network,
      isUnnamed,
    }))
  }

  nameNetwork(
    dockerId: string,
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<void> {
    return this.#serialised.run(dockerId, () =>
      this.#networks.name(dockerId, name, labels),
    )
  }

  nameEndpoint(endpointId: string, names: DriverEndpointNames): Promise<void> {
    return this.#endpoints.name(endpointId, names)
  }

  /**
   * The gateway of a network that is there already, and what it reserves while
   * Docker makes its own network of it; null: an address for a container.
   */
  #fixedAddress(
    { id }: Network,
    subnet: Subnet,
    { address, isGateway }: PoolAddressRequest,
  ): string | null {
    const { gateway } = subnet
    const wanted =
      address !== undefined && isIp(address) ? canonicalIp(address) : address
    if (isGateway) {
      if (wanted === undefined || wanted === canonicalIp(gateway))
        return gateway
      const problem = `that of ${subnet.subnet} is ${gateway}`
      throw errors.GATEWAY_INVALID(wanted, problem)
    }
    const isNew = !this.#parts.map.has(id)
    const isReserved = reservedAddresses(subnet).has(wanted ?? '')
    return isNew && isReserved ? (wanted ?? null) : null
  }

  #poolIfAny(poolId: string): FoundPool | null {
    try {
      return this.#pools.find(poolId)
    } catch (error) {
      if (isOvertapError(error, 'POOL_UNKNOWN')) return null
      throw error
    }
  }
}
