import type { ClusterView, Versioned } from './cluster-view.js'
import type { RecordCopy } from './record-copy.js'
import type {
  AddressClaim,
  Allocation,
  DnsRecord,
  Endpoint,
  Host,
  Network,
} from './records.js'

/** What a `ClusterView` reads from a copy of the records. */
export class RecordView implements Omit<
  ClusterView,
  'revision' | 'settling' | 'settlesInMs'
> {
  protected readonly copy: RecordCopy

  constructor(copy: RecordCopy) {
    this.copy = copy
  }

  vanished(key: string): boolean {
    return this.copy.vanished.has(key)
  }

  get hosts(): ReadonlyMap<string, Versioned<Host>> {
    return this.copy.tables.host
  }

  get networks(): ReadonlyMap<string, Versioned<Network>> {
    return this.copy.tables.network
  }

  get allocation(): Versioned<Allocation> | undefined {
    return this.copy.tables.allocation.get('networks')
  }

  networkByName(name: string): Versioned<Network> | undefined {
    const holder = this.copy.tables['network-name'].get(name)
    return holder && this.copy.tables.network.get(holder.value.network)
  }

  holds(network: string): boolean {
    return this.copy.held.has(network)
  }

  /** Ids of the networks whose rows are held. */
  get heldNetworks(): readonly string[] {
    return this.copy.held.all()
  }

  endpoints(network: string): ReadonlyMap<string, Versioned<Endpoint>> {
    return this.copy.tables.endpoint.of(network)
  }

  addresses(network: string): ReadonlyMap<string, Versioned<AddressClaim>> {
    return this.copy.tables.address.of(network)
  }

  dnsRecords(network: string): ReadonlyMap<string, Versioned<DnsRecord>> {
    return this.copy.tables.dns.of(network)
  }
}
