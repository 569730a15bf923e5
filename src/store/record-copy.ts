import type { Logger } from '../base/log.js'
import type { RecordChange } from './cluster-view.js'
import { DigestTable } from './digest.js'
import { HeldNetworks } from './held-networks.js'
import type { HeldSnapshot } from './held-snapshot.js'
import { splitKey } from './keys.js'
import { RecordReader } from './record-reader.js'
import { RecordTables } from './record-tables.js'
import { rowCollections, type ClusterRecord } from './records.js'
import { SharedStrings } from './shared-strings.js'
import type {
  Change,
  ChangeBatch,
  CollectionDigest,
  Entry,
  Json,
  Revision,
} from './store.js'

/** What a batch did. */
export interface Applied {
  /** To the copy. */
  readonly changes: RecordChange[]
  /** To all records, of networks that the copy does not hold as well. */
  readonly news: RecordChange[]
}

/**
 * The records of a replica, and which of them the store no longer has. Of the
 * rows of networks it has those that are held.
 */
export class RecordCopy {
  readonly tables = new RecordTables()
  readonly held = new HeldNetworks()
  readonly #reader: RecordReader
  /** Keys of records that are kept although the store lost them. */
  readonly #vanished = new Set<string>()
  /** Versions of what is in the store but not in the tables: bad or unknown. */
  readonly #strangers = new Map<string, Revision>()

  constructor(logger: Logger) {
    this.#reader = new RecordReader(logger)
  }

  get vanished(): ReadonlySet<string> {
    return this.#vanished
  }

  /**
   * Takes over a snapshot of all that is held; returns what it changed. With
   * `keep`, what it does not have stays for now.
   */
  replace({ entries, rowsAt }: HeldSnapshot, keep: boolean): RecordChange[] {
    for (const [network, revision] of rowsAt) this.held.add(network, revision)
    const present = new Set(entries.map(({ key }) => key))
    const changes: (RecordChange | undefined)[] = []
    this.#strangers.clear()
    for (const key of [...this.tables.keys()]) {
      if (present.has(key)) continue
      if (keep) this.#vanished.add(key)
      if (!this.#vanished.has(key)) changes.push(this.tables.delete(key))
    }
    return [...defined(changes), ...this.#putAll(entries)]
  }

  /** The rows of networks, as they were at a revision; returns what changed. */
  add(
    networks: readonly string[],
    entries: readonly Entry[],
    revision: Revision,
  ): RecordChange[] {
    const changes = this.#putAll(entries)
    const lates = networks.flatMap((network) =>
      this.held.add(network, revision),
    )
    for (const late of lates) {
      const change = this.#apply(late.change, late.revision)
      if (change) changes.push(change)
    }
    return changes
  }

  /** The rows of a network are not held any more. */
  drop(network: string): RecordChange[] {
    this.held.delete(network)
    const collections = rowCollections(network)
    const isOf = (key: string) => collections.includes(splitKey(key).collection)
    for (const keys of [this.#strangers, this.#vanished]) {
      for (const key of keys.keys()) if (isOf(key)) keys.delete(key)
    }
    const rows = [...this.tables.rowKeys(network)]
    return defined(rows.map((key) => this.tables.delete(key)))
  }

  apply({ changes, revision }: ChangeBatch): Applied {
    const strings = new SharedStrings()
    const applied: Applied = { changes: [], news: [] }
    for (const change of changes) {
      const held = this.held.place(change, revision) === 'held'
      const done = held
        ? this.#apply(change, revision, strings)
        : this.#tellOnly(change)
      if (!done) continue
      if (held) applied.changes.push(done)
      applied.news.push(done)
    }
    return applied
  }

  /** What vanished and was not written again goes now. */
  dropVanished(): RecordChange[] {
    const changes = Array.from(this.#vanished, (key) => this.tables.delete(key))
    this.#vanished.clear()
    return defined(changes)
  }

  /**
   * Names of collections in which the copy, at this revision, is not what the
   * store says it has. Not while there are vanished records.
   */
  differences(
    theirs: readonly CollectionDigest[],
    revision: Revision,
  ): string[] {
    const own = new DigestTable(this.tables.digests())
    for (const [key, versions] of this.#strangers) {
      own.add({ collection: splitKey(key).collection, count: 1, versions })
    }
    return own
      .differences(new DigestTable(theirs))
      .filter((collection) => this.held.covers(collection, revision))
  }

  #putAll(entries: readonly Entry[]): RecordChange[] {
    const strings = new SharedStrings()
    return defined(
      entries.map(({ key, value, version }) =>
        this.#put(key, value, version, strings),
      ),
    )
  }

  #apply(
    change: Change,
    version: Revision,
    strings = new SharedStrings(),
  ): RecordChange | undefined {
    const { key } = change
    if (change.op === 'put') {
      return this.#put(key, change.value, version, strings)
    }
    this.#vanished.delete(key)
    this.#strangers.delete(key)
    this.#reader.forget(key)
    return this.tables.delete(key)
  }

  #put(
    key: string,
    value: Json,
    version: Revision,
    strings: SharedStrings,
  ): RecordChange | undefined {
    this.#vanished.delete(key)
    this.#strangers.delete(key)
    const record = this.#reader.read(key, value)
    if (record) {
      strings.shareIn(record)
      return this.tables.set(record, version)
    }
    this.#strangers.set(key, version)
    return this.tables.delete(key)
  }

  /** What came or went elsewhere; a record that was overwritten is no news. */
  #tellOnly(change: Change): RecordChange | undefined {
    const { key } = change
    if (change.op === 'put') {
      if (change.replaces !== null) return undefined
      const after = this.#reader.read(key, change.value)
      return after && recordChange(after, undefined, after.value)
    }
    this.#reader.forget(key)
    const before = change.was && this.#reader.read(key, change.was.value)
    return before ? recordChange(before, before.value, undefined) : undefined
  }
}

function recordChange(
  { kind, id }: ClusterRecord,
  before: ClusterRecord['value'] | undefined,
  after: ClusterRecord['value'] | undefined,
): RecordChange {
  return { kind, id, before, after } as RecordChange
}

function defined<T>(list: readonly (T | undefined)[]): T[] {
  return list.filter((item) => item !== undefined)
}
