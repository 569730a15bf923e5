import { chunks } from '../base/chunks.js'
import type { Logger } from '../base/log.js'
import type { ClusterView, RowView } from '../store/cluster-view.js'
import { networksPerCall } from '../store/held-snapshot.js'
import { readTables } from '../store/read-tables.js'
import { rowCollections, type Network } from '../store/records.js'
import type { Store } from '../store/store.js'

export interface RowsParts {
  readonly view: ClusterView
  readonly store: Store
  readonly log: Logger
}

/**
 * Endpoints, addresses and names of networks, whether this host is on them or not:
 * what the view does not hold is read from the store. STORE_UNAVAILABLE.
 */
export class Rows {
  readonly #parts: RowsParts

  constructor(parts: RowsParts) {
    this.#parts = parts
  }

  /** As the view has them, which for those it holds works without the store. */
  async of(network: string): Promise<RowView> {
    const { view } = this.#parts
    return view.holds(network) ? view : this.read([network])
  }

  /** The same of many networks, in any order. */
  async *ofEach(
    networks: readonly Network[],
  ): AsyncGenerator<readonly [network: Network, rows: RowView]> {
    const { view } = this.#parts
    const others: Network[] = []
    for (const network of networks) {
      if (view.holds(network.id)) yield [network, view]
      else others.push(network)
    }
    for (const some of chunks(others, networksPerCall)) {
      const rows = await this.read(some.map(({ id }) => id))
      for (const network of some) yield [network, rows]
    }
  }

  /** As they are in the store now, at one revision. */
  async read(networks: readonly string[]): Promise<RowView> {
    const { store, log } = this.#parts
    const { entries } = await store.snapshot(networks.flatMap(rowCollections))
    const { endpoint, address, dns } = readTables(entries, log)
    return {
      endpoints: (network) => endpoint.of(network),
      addresses: (network) => address.of(network),
      dnsRecords: (network) => dns.of(network),
    }
  }
}
