import type {
  EngineCounters,
  EngineFeature,
  EnginePause,
} from '../engine/engine.js'
import type { Endpoint, Host, Network, Subnet } from '../store/records.js'
import type { UpstreamView } from '../dns/forward/upstream-health.js'
import type { DriverUseCases } from './driver/use-cases.js'
import type { EventFields, EventKind, NodeEvent } from './events/event-log.js'
import type { GatewayStatus, GatewayView } from './gateway/gateway.js'
import type { FindingKind } from './ipam/finding.js'

/**
 * What a frontend can ask of a daemon. Frontends translate a protocol and call
 * these; they never reach the store or the engine themselves. Every method
 * rejects with an OvertapError that says what to do.
 */
export interface UseCases {
  readonly hosts: HostUseCases
  readonly networks: NetworkUseCases
  readonly endpoints: EndpointUseCases
  readonly events: EventUseCases
  readonly dns: DnsUseCases
  readonly ipam: IpamUseCases
  /** Docker's containers. */
  readonly driver: DriverUseCases
  status(): NodeStatus
  /** Is it well, and if not, why? */
  health(): Promise<NodeHealth>
  /** The forwarding table as the engine was told it. */
  forwarding(network?: string): readonly ForwardingRow[]
}

export interface HostView extends Host {
  /** By the lease: renewed in time, late, or gone. */
  readonly health: 'up' | 'suspect' | 'dead'
  readonly self: boolean
}

export interface HostUseCases {
  list(): Promise<readonly HostView[]>
}

export interface CreateNetwork {
  readonly name: string
  readonly subnets: readonly string[]
  /** Each belongs to the subnet that contains it, as do ranges and aux addresses. */
  readonly gateways: readonly string[]
  readonly ipRanges: readonly string[]
  /** Reserved addresses: name -> address. */
  readonly auxAddresses?: Readonly<Record<string, string>>
  /** An IPv6 subnet, chosen when none is given. */
  readonly ipv6?: boolean
  readonly vni?: number
  readonly internal: boolean
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

export interface NetworkView {
  readonly network: Network
  readonly endpoints: readonly Endpoint[]
}

export interface NetworkUseCases {
  list(): readonly Network[]
  /** By name, id or unique prefix of an id. */
  inspect(reference: string): Promise<NetworkView>
  create(request: CreateNetwork): Promise<NetworkView>
  /** Refused while endpoints exist, naming them and their hosts. */
  remove(reference: string): Promise<void>
  /**
   * Called when networks came, changed or went, on whatever host, and `list`
   * knows; must not throw. Returns what ends it.
   */
  onChange(listener: () => void): () => void
}

/** What of one subnet is in use. Beyond 2^53 addresses the numbers are rounded. */
export interface SubnetView {
  readonly network: Network
  readonly subnet: Subnet
  /** Addresses that hosts can have, the gateway included. */
  readonly size: number
  readonly used: number
  readonly reserved: number
  /** Given back a moment ago. */
  readonly quarantined: number
  readonly free: number
  /** All that are not free, ascending. */
  readonly addresses: readonly AddressView[]
}

export interface AddressView {
  readonly address: string
  readonly state: 'used' | 'reserved' | 'quarantined'
  /** Container that has it or had it last, `gateway`, or name of an aux address. */
  readonly holder: string
  /** Empty when it is reserved. */
  readonly host: string
}

/** Records that contradict each other. */
export interface FindingView extends EventFields {
  readonly kind: FindingKind
  /** Of the record that is at fault. */
  readonly key: string
  readonly problem: string
  /** What was done, what `repair` would do, or what somebody has to do. */
  readonly remedy: string
  readonly repaired: boolean
}

export interface IpamUseCases {
  /** By the name of the network; all networks unless one is given. */
  list(network?: string): Promise<readonly SubnetView[]>
  /**
   * Looks for inconsistent records. It takes some seconds when there are any:
   * what a connect or disconnect is just changing does not count.
   */
  check(options: { readonly repair: boolean }): Promise<readonly FindingView[]>
}

export interface ConnectRequest {
  readonly network: string
  /** Namespace by name, path or `pid:N`. */
  readonly target: string
  /** Container's name; by default the namespace's. */
  readonly name?: string
  readonly ip?: string
  readonly aliases: readonly string[]
  readonly publish: readonly string[]
  /** By default the next free `ethN`. */
  readonly interface?: string
}

export interface EndpointView {
  readonly endpoint: Endpoint
  readonly network: Network
  /** Off the network, as somebody else has its address. Only its host knows. */
  readonly isolated?: boolean
  /** What leads outside from its container. Only its host knows. */
  readonly gateway?: GatewayView
}

export interface EndpointUseCases {
  /** Those of one network, or of all. */
  list(network?: string): Promise<readonly EndpointView[]>
  /** Resolves when the container can send, and every daemon can learn of it. */
  connect(request: ConnectRequest): Promise<EndpointView>
  disconnect(network: string, target: string): Promise<EndpointView>
}

/** A name on a network, and what it stands for. */
export interface NameView {
  readonly network: Network
  readonly name: string
  readonly addresses: readonly string[]
  /** `record`: given by hand. */
  readonly kind: 'container' | 'alias' | 'host-name' | 'record'
  /** The container's host; empty for a record. */
  readonly host: string
}

export interface LookupRequest {
  /** Or an address. */
  readonly name: string
  /** By default A and AAAA, and of an address PTR. */
  readonly type?: string
  /** A network that is asked in. */
  readonly network?: string
  /** A container of this host that asks. */
  readonly from?: string
}

/** What a container gets for a name and a type, and why. */
export interface LookupView {
  readonly name: string
  readonly type: string
  /** As DNS calls it: NOERROR, NXDOMAIN, SERVFAIL... */
  readonly status: string
  readonly answers: readonly {
    readonly name: string
    readonly type: string
    /** Seconds. */
    readonly ttl: number
    readonly data: string
  }[]
  /** One sentence. */
  readonly reason: string
  readonly holders: readonly {
    readonly name: string
    readonly host: string
    readonly addresses: readonly string[]
    /** On a suspect host, while others have the name. */
    readonly leftOut: boolean
  }[]
}

export interface DnsUseCases {
  /** Names of one network, or of all. */
  list(network?: string): Promise<readonly NameView[]>
  /** Gives a name to addresses by hand, besides those it has. */
  add(
    network: string,
    name: string,
    addresses: readonly string[],
  ): Promise<NameView>
  /** Takes addresses from a name, all when none is named; what is left. */
  remove(
    network: string,
    name: string,
    addresses: readonly string[],
  ): Promise<NameView | null>
  lookup(request: LookupRequest): Promise<readonly LookupView[]>
  /** Forgets what others answered; how many answers there were. */
  flush(): number
}

export interface EventUseCases {
  /** The newest last. */
  latest(count: number): readonly NodeEvent[]
  /** Called with each event to come, must not throw; returns what ends it. */
  onEvent(listener: (event: NodeEvent) => void): () => void
  /** For what a frontend finds out itself. */
  record(kind: EventKind, message: string, fields?: EventFields): void
}

export interface ForwardingRow {
  readonly network: string
  readonly vni: number
  readonly mac: string
  readonly addresses: readonly string[]
  readonly endpoint: string
  /** `port <interface>`, `peer <address>:<port>` or `gateway`. */
  readonly to: string
  readonly kind: 'local' | 'remote' | 'gateway' | 'learned' | 'flood'
}

export interface NodeHealth {
  /** One sentence each; none when all is well. */
  readonly problems: readonly string[]
  /**
   * How long this host's lease lasts yet, by the store's clock; negative when
   * it has ended. Null when it has none, or the store is away.
   */
  readonly leaseMs: number | null
  /** After a loss of data: until new networks and addresses are given again. */
  readonly settlesInMs: number
  /** Containers of all hosts; null while the store is away. */
  readonly endpoints: number | null
  /** How many are how; null while the store is away. */
  readonly hosts: Readonly<Record<HostView['health'], number>> | null
  /** The last ones, the newest last. */
  readonly events: readonly NodeEvent[]
}

/** What became of a DNS message. */
export type NameResult =
  /** From our records. */
  | 'answered'
  /** The name is in our domain, and nobody has it; or nobody outside is asked. */
  | 'nxdomain'
  /** Upstreams told the answer. */
  | 'forwarded'
  /** They had told it before. */
  | 'cached'
  /** No upstream answered: SERVFAIL. */
  | 'failed'
  /** Too many wait, or it is not about the Internet's classes of names: REFUSED. */
  | 'refused'
  /** It cannot be understood: FORMERR, NOTIMP, BADVERS or nothing. */
  | 'malformed'

export interface NameStatus {
  readonly results: Readonly<Record<NameResult, number>>
  /** The same questions by the way they came. */
  readonly transports: Readonly<Record<'udp' | 'tcp', number>>
  readonly upstreams: readonly UpstreamView[]
  /** Why there are no upstreams; empty when there are. */
  readonly problem: string
  /** Answers of upstreams that are kept. */
  readonly cachedAnswers: number
  /** Questions that wait for upstreams. */
  readonly waiting: number
}

export interface NodeStatus {
  readonly version: string
  readonly host: string
  readonly address: string
  readonly port: number
  readonly startedAt: string
  readonly store: {
    readonly description: string
    readonly state: 'connected' | 'reconnecting'
    readonly revision: number
  }
  readonly engine: {
    readonly features: readonly EngineFeature[]
    /** What is left alone towards some peers, for now. */
    readonly pauses: readonly EnginePause[]
    readonly counters: EngineCounters
    /** Peers by id, to read `counters.peers`. */
    readonly peers: Readonly<Record<number, string>>
    /** By peer id: the largest packet on the underlay, bytes. */
    readonly pathMtus: Readonly<Record<number, number>>
    readonly ports: Readonly<Record<number, string>>
  }
  readonly gateway: GatewayStatus
  readonly names: NameStatus
  readonly hosts: number
  readonly networks: number
  /** Containers of this host. */
  readonly endpoints: number
}
