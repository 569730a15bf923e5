import type {
  AddressClaim,
  Allocation,
  ClusterRecord,
  DnsRecord,
  Endpoint,
  Host,
  Network,
} from './records.js'
import type { Revision } from './store.js'

export interface Versioned<T> {
  readonly value: T
  readonly version: Revision
}

/** What one record was and is; one of the two may be undefined, not both. */
export type RecordChange = {
  [K in ClusterRecord['kind']]: {
    readonly kind: K
    readonly id: string
    readonly before: Extract<ClusterRecord, { kind: K }>['value'] | undefined
    readonly after: Extract<ClusterRecord, { kind: K }>['value'] | undefined
  }
}[ClusterRecord['kind']]

/** What of one network's endpoints, addresses and names is known. */
export interface RowView {
  /** Endpoints of one network by id; empty when there are none. */
  endpoints(network: string): ReadonlyMap<string, Versioned<Endpoint>>
  /** Address claims of one network by address. */
  addresses(network: string): ReadonlyMap<string, Versioned<AddressClaim>>
  /** Names given by hand in one network, by name. */
  dnsRecords(network: string): ReadonlyMap<string, Versioned<DnsRecord>>
}

/**
 * This daemon's copy of the shared records, kept current from the store's
 * change feed. Reading it never waits and goes on when the store is away. It
 * has all hosts and networks; endpoints and addresses it has of the networks
 * that are held, those this host is on, and of others none.
 */
export interface ClusterView extends RowView {
  readonly revision: Revision
  /**
   * The store lost data a short while ago: records it no longer has are still
   * here, and what is not in it may yet be written again by its owner.
   */
  readonly settling: boolean
  /** For how long yet, milliseconds; 0 when not settling. */
  readonly settlesInMs: number
  /** While settling: the record is shown, but the store no longer has it. */
  vanished(key: string): boolean
  readonly hosts: ReadonlyMap<string, Versioned<Host>>
  readonly networks: ReadonlyMap<string, Versioned<Network>>
  readonly allocation: Versioned<Allocation> | undefined
  networkByName(name: string): Versioned<Network> | undefined
  /** Whether the endpoints and addresses of a network are in the view. */
  holds(network: string): boolean
}
