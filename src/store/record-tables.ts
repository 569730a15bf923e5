import { isDeepStrictEqual } from 'node:util'
import type { RecordChange, Versioned } from './cluster-view.js'
import { digestOf } from './digest.js'
import { NetworkTable, type Table } from './network-table.js'
import type { ClusterRecord, RecordKind } from './records.js'
import type { CollectionDigest, Revision } from './store.js'

const kinds = [
  'host',
  'network',
  'network-name',
  'allocation',
  'endpoint',
  'address',
  'dns',
] as const satisfies readonly RecordKind[]

type ValueOf<K extends RecordKind> = Extract<
  ClusterRecord,
  { kind: K }
>['value']

type TableOf<K extends RecordKind> = Map<string, Versioned<ValueOf<K>>>

/** The records by kind and id; those of a network by network, too. */
export class RecordTables {
  readonly host: TableOf<'host'> = new Map()
  readonly network: TableOf<'network'> = new Map()
  readonly 'network-name': TableOf<'network-name'> = new Map()
  readonly allocation: TableOf<'allocation'> = new Map()
  readonly endpoint = new NetworkTable<ValueOf<'endpoint'>>(({ id }) => id)
  readonly address = new NetworkTable<ValueOf<'address'>>()
  readonly dns = new NetworkTable<ValueOf<'dns'>>(({ name }) => name)

  /** What changed; undefined when the record had this value already. */
  set(record: ClusterRecord, version: Revision): RecordChange | undefined {
    const { kind, id, value } = record
    const table = this.#table(kind)
    const before = table.get(id)?.value
    table.set(id, { value, version })
    if (isDeepStrictEqual(before, value)) return undefined
    return { kind, id, before, after: value } as RecordChange
  }

  /** What changed; undefined when there was no such record. */
  delete(key: string): RecordChange | undefined {
    const slash = key.indexOf('/')
    const kind = kinds.find((kind) => kind === key.slice(0, slash))
    if (!kind) return undefined
    const id = key.slice(slash + 1)
    const table = this.#table(kind)
    const before = table.get(id)?.value
    table.delete(id)
    if (before === undefined) return undefined
    return { kind, id, before, after: undefined } as RecordChange
  }

  /** Keys of all records, as the store has them. */
  *keys(): Iterable<string> {
    for (const kind of kinds) {
      for (const id of this.#table(kind).keys()) yield `${kind}/${id}`
    }
  }

  /** Keys of the rows of one network. */
  *rowKeys(network: string): Iterable<string> {
    for (const kind of ['endpoint', 'address', 'dns'] as const) {
      for (const own of this[kind].of(network).keys()) {
        yield `${kind}/${network}/${own}`
      }
    }
  }

  /** Of the collections as the store has them, one after the other. */
  *digests(): Iterable<CollectionDigest> {
    for (const kind of kinds) {
      const table = this[kind]
      if (!(table instanceof NetworkTable)) {
        yield { collection: kind, ...digestOf(table) }
        continue
      }
      for (const network of table.networks()) {
        const records = table.of(network)
        yield { collection: `${kind}/${network}`, ...digestOf(records) }
      }
    }
  }

  #table(kind: RecordKind): Table<ClusterRecord['value']> {
    return this[kind]
  }
}
