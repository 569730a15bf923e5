import { RecordTables } from '../../store/record-tables.js'
import { keys, parseRecord } from '../../store/records.js'
import type { ClusterRecord } from '../../store/records.js'
import type { Entry, Revision, Snapshot, Store } from '../../store/store.js'

/**
 * What is in the store at one moment, of one network. Unlike the view it has
 * nothing that is only kept while a store that lost its data settles.
 */
export class PresentRecords {
  /** Those that can be read. */
  readonly tables = new RecordTables()
  readonly #versions: ReadonlyMap<string, Revision>

  constructor(readonly snapshot: Snapshot) {
    const { entries } = snapshot
    this.#versions = new Map(entries.map(({ key, version }) => [key, version]))
    for (const entry of entries) {
      const record = read(entry)
      if (record) this.tables.set(record, entry.version)
    }
  }

  static async read(store: Store, network: string): Promise<PresentRecords> {
    const collections = [
      ...['network', 'network-name', 'allocation'],
      keys.endpoints(network),
      `address/${network}`,
    ]
    return new PresentRecords(await store.snapshot(collections))
  }

  /** Null when there is none, readable or not: what a guard wants to know. */
  version(key: string): Revision | null {
    return this.#versions.get(key) ?? null
  }
}

function read({ key, value }: Entry): ClusterRecord | null {
  try {
    return parseRecord(key, value)
  } catch {
    return null
  }
}
