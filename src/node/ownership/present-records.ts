import type { Logger } from '../../base/log.js'
import { readTables } from '../../store/read-tables.js'
import type { RecordTables } from '../../store/record-tables.js'
import { coreCollections, rowCollections } from '../../store/records.js'
import type { Revision, Snapshot, Store } from '../../store/store.js'

/**
 * What is in the store at one moment, of one network. Unlike the view it has
 * nothing that is only kept while a store that lost its data settles.
 */
export class PresentRecords {
  /** Those that can be read. */
  readonly tables: RecordTables
  readonly #versions: ReadonlyMap<string, Revision>

  constructor(
    readonly snapshot: Snapshot,
    log: Logger,
  ) {
    const { entries } = snapshot
    this.#versions = new Map(entries.map(({ key, version }) => [key, version]))
    this.tables = readTables(entries, log)
  }

  static async read(
    store: Store,
    network: string,
    log: Logger,
  ): Promise<PresentRecords> {
    const collections = [...coreCollections, ...rowCollections(network)]
    return new PresentRecords(await store.snapshot(collections), log)
  }

  /** Null when there is none, readable or not: what a guard wants to know. */
  version(key: string): Revision | null {
    return this.#versions.get(key) ?? null
  }
}
