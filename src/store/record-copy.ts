import type { Logger } from '../base/log.js'
import type { RecordChange } from './cluster-view.js'
import { DigestTable } from './digest.js'
import { splitKey } from './keys.js'
import { RecordReader } from './record-reader.js'
import { RecordTables } from './record-tables.js'
import { SharedStrings } from './shared-strings.js'
import type { Change, ChangeBatch, Entry, Revision } from './store.js'

/** The records of a replica, and which of them the store no longer has. */
export class RecordCopy {
  readonly tables = new RecordTables()
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
   * Takes over a whole snapshot; returns what it changed. With `keep`, what it
   * does not have stays for now.
   */
  replace(entries: readonly Entry[], keep: boolean): RecordChange[] {
    const present = new Set(entries.map(({ key }) => key))
    const changes: (RecordChange | undefined)[] = []
    const strings = new SharedStrings()
    this.#strangers.clear()
    for (const key of [...this.tables.keys()]) {
      if (present.has(key)) continue
      if (keep) this.#vanished.add(key)
      if (!this.#vanished.has(key)) changes.push(this.tables.delete(key))
    }
    for (const { key, value, version } of entries) {
      const put = { op: 'put', key, value } as const
      changes.push(this.#apply(put, version, strings))
    }
    return defined(changes)
  }

  apply({ changes, revision }: ChangeBatch): RecordChange[] {
    const strings = new SharedStrings()
    return defined(
      changes.map((change) => this.#apply(change, revision, strings)),
    )
  }

  /** What vanished and was not written again goes now. */
  dropVanished(): RecordChange[] {
    const changes = Array.from(this.#vanished, (key) => this.tables.delete(key))
    this.#vanished.clear()
    return defined(changes)
  }

  /** Not while there are vanished records. */
  digests(): DigestTable {
    const digests = new DigestTable(this.tables.digests())
    for (const [key, versions] of this.#strangers) {
      digests.add({ collection: splitKey(key).collection, count: 1, versions })
    }
    return digests
  }

  #apply(
    change: Change,
    version: Revision,
    strings: SharedStrings,
  ): RecordChange | undefined {
    const { key } = change
    this.#vanished.delete(key)
    this.#strangers.delete(key)
    if (change.op === 'delete') {
      this.#reader.forget(key)
      return this.tables.delete(key)
    }
    const record = this.#reader.read(key, change.value)
    if (record) {
      strings.shareIn(record)
      return this.tables.set(record, version)
    }
    this.#strangers.set(key, version)
    return this.tables.delete(key)
  }
}

function defined<T>(list: readonly (T | undefined)[]): T[] {
  return list.filter((item) => item !== undefined)
}
