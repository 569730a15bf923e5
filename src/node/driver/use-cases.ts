/**
 * What Docker asks of a driver, in its order: a pool for each subnet, the
 * network, and for each container addresses, an endpoint, and to join it to the
 * container's sandbox. Docker's ids are its own and differ from host to host.
 * What gives back succeeds, too, for what nobody knows: Docker repeats it after
 * a crash. All else rejects with an OvertapError.
 */
export interface DriverUseCases {
  // -- addresses --
  /** SUBNET_OVERLAPS, SUBNETS_EXHAUSTED, POOL_MISMATCH, DRIVER_BUSY, ... */
  requestPool(request: PoolRequest): Promise<Pool>
  releasePool(poolId: string): Promise<void>
  /**
   * With prefix length. POOL_UNKNOWN, ADDRESS_IN_USE, ADDRESS_INVALID,
   * ADDRESSES_EXHAUSTED.
   */
  requestAddress(request: PoolAddressRequest): Promise<string>
  releaseAddress(poolId: string, address: string): Promise<void>

  // -- networks --
  /** POOL_UNKNOWN, SUBNET_OVERLAPS, NETWORK_NOT_FOUND, NETWORK_OPTION_INVALID, ... */
  createNetwork(request: DriverNetworkRequest): Promise<void>
  /** Of the cluster's network only one goes that was never named. */
  deleteNetwork(dockerId: string): Promise<void>

  // -- containers --
  /** The MAC that it gets; Docker tells the addresses. */
  createEndpoint(request: DriverEndpointRequest): Promise<{ mac: string }>
  /** Makes the interface, in the host's namespace; Docker moves it from there. */
  join(request: JoinRequest): Promise<DriverInterface>
  leave(endpointId: string): Promise<void>
  deleteEndpoint(endpointId: string): Promise<void>
  /** For people, shown by Docker; empty for an endpoint that is not here. */
  describeEndpoint(endpointId: string): Readonly<Record<string, string>>

  // -- names, which Docker tells no driver --
  networks(): readonly DriverNetwork[]
  /** NETWORK_EXISTS, NETWORK_NAME_INVALID, DOCKER_NETWORK_UNKNOWN. */
  nameNetwork(
    dockerId: string,
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<void>
  /** Nothing for an endpoint that is gone by now. */
  nameEndpoint(endpointId: string, names: DriverEndpointNames): Promise<void>
}

export interface PoolRequest {
  /** Absent: the next free one, another for each request. */
  readonly subnet?: string
  /** The part of it that addresses come from. */
  readonly range?: string
  /** A network that is there already, by name, id or unique prefix of an id. */
  readonly network?: string
  readonly v6: boolean
}

export interface Pool {
  readonly id: string
  readonly subnet: string
}

export interface PoolAddressRequest {
  readonly pool: string
  /** Absent: the next free one. */
  readonly address?: string
  /** It is for the gateway. */
  readonly isGateway: boolean
  /** The container's name; Docker before 29 does not tell. */
  readonly name?: string
}

export interface DriverNetworkRequest {
  readonly dockerId: string
  /** A network that is there already, likewise. */
  readonly network?: string
  readonly internal: boolean
  readonly options: Readonly<Record<string, string>>
  readonly pools: readonly DriverPool[]
}

/** A subnet as Docker has it by then. */
export interface DriverPool {
  readonly subnet: string
  /** Without prefix length; absent when it has none. */
  readonly gateway?: string
  /** Reserved addresses: name -> address. */
  readonly auxAddresses: Readonly<Record<string, string>>
}

export interface DriverEndpointRequest {
  readonly networkDockerId: string
  readonly endpointId: string
  /** With prefix length. */
  readonly addresses: readonly string[]
  /** Absent: made from the address. */
  readonly mac?: string
}

export interface JoinRequest {
  readonly networkDockerId: string
  readonly endpointId: string
  /** Path of the container's namespace; it need not be there yet. */
  readonly sandbox: string
}

export interface DriverInterface {
  /** In the host's namespace. */
  readonly name: string
}

/** A network of Docker on this host, and which network of the cluster it is. */
export interface DriverNetwork {
  readonly dockerId: string
  readonly network: string
  /** It was made here by Docker, and its name is not known yet. */
  readonly isUnnamed: boolean
}

export interface DriverEndpointNames {
  readonly name: string
  readonly aliases: readonly string[]
  readonly hostname?: string
  /** Its id. */
  readonly container: string
}
