import { errors } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import { backoff } from './backoff.js'
import type { ClusterView, RecordChange, Versioned } from './cluster-view.js'
import { RecordReader } from './record-reader.js'
import { RecordTables } from './record-tables.js'
import type {
  AddressClaim,
  Allocation,
  Endpoint,
  Host,
  Network,
} from './records.js'
import type { Change, ChangeBatch, Revision, Snapshot, Store } from './store.js'

export type { ClusterView, RecordChange, Versioned } from './cluster-view.js'

/**
 * Called once for each commit, or for each snapshot with what it changed, after
 * all of it can be read from the view. There may be no changes.
 */
export type ChangeListener = (
  changes: readonly RecordChange[],
  revision: Revision,
) => void

interface Waiter {
  readonly revision: Revision
  readonly resolve: () => void
}

/**
 * The `ClusterView` of a daemon: takes a snapshot, follows the change feed, and
 * when the feed is cut takes another snapshot and tells only the differences.
 */
export class Replica implements ClusterView {
  readonly #store: Store
  readonly #logger: Logger
  readonly #reader: RecordReader
  readonly #tables = new RecordTables()
  readonly #listeners = new Set<ChangeListener>()
  readonly #waiters = new Set<Waiter>()
  readonly #stopping = new AbortController()
  #following = Promise.resolve()
  #revision: Revision = 0
  #epoch = ''

  constructor(store: Store, { logger }: { readonly logger: Logger }) {
    this.#store = store
    this.#logger = logger
    this.#reader = new RecordReader(logger)
  }

  get revision(): Revision {
    return this.#revision
  }

  /**
   * Incarnation of the store that the records are from; empty before `start`.
   * When a listener finds another one than before, the store lost its data or
   * was replaced, and records that vanished were not deleted by anybody.
   */
  get epoch(): string {
    return this.#epoch
  }

  get hosts(): ReadonlyMap<string, Versioned<Host>> {
    return this.#tables.host
  }

  get networks(): ReadonlyMap<string, Versioned<Network>> {
    return this.#tables.network
  }

  get allocation(): Versioned<Allocation> | undefined {
    return this.#tables.allocation.get('networks')
  }

  networkByName(name: string): Versioned<Network> | undefined {
    const holder = this.#tables['network-name'].get(name)
    return holder && this.#tables.network.get(holder.value.network)
  }

  endpoints(network: string): ReadonlyMap<string, Versioned<Endpoint>> {
    return this.#tables.endpoint.of(network)
  }

  addresses(network: string): ReadonlyMap<string, Versioned<AddressClaim>> {
    return this.#tables.address.of(network)
  }

  /** Returns the function that ends it. Before `start` it hears everything. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Resolves when the first snapshot has been applied; from then on it goes on
   * by itself. Rejects with STORE_UNAVAILABLE.
   */
  async start(): Promise<void> {
    this.#reset(await this.#store.snapshot())
    this.#following = this.#follow()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#following
  }

  /**
   * Resolves when the write of this revision can be read from the view and
   * listeners have heard of it; rejects with STORE_UNAVAILABLE when that takes
   * too long.
   */
  reached(revision: Revision, timeoutMs: number): Promise<void> {
    if (this.#revision >= revision) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const waiter = {
        revision,
        resolve: () => {
          clearTimeout(timer)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        const late = `its changes after revision ${this.#revision} are late`
        reject(errors.STORE_UNAVAILABLE(late))
      }, timeoutMs)
      this.#waiters.add(waiter)
    })
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        const from = { revision: this.#revision, epoch: this.#epoch }
        for await (const batch of this.#store.watch(from, signal)) {
          this.#apply(batch)
        }
        return // stopped, or the store was closed
      } catch (error) {
        this.#logger.warn({ err: error }, 'taking a new snapshot of the store')
        await this.#resync(signal)
      }
    }
  }

  /** Waits first, so that not all hosts ask for a snapshot in one moment. */
  async #resync(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await backoff(attempt, signal)
      if (signal.aborted) return
      try {
        this.#reset(await this.#store.snapshot())
        return
      } catch (error) {
        this.#logger.debug({ err: error }, 'no snapshot yet')
      }
    }
  }

  #reset({ epoch, revision, entries }: Snapshot): void {
    const changes: (RecordChange | undefined)[] = []
    const records = entries.flatMap(({ key, value, version }) => {
      const record = this.#reader.read(key, value)
      return record ? [{ key, record, version }] : []
    })
    const present = new Set(records.map(({ key }) => key))
    for (const key of [...this.#tables.keys()]) {
      if (!present.has(key)) changes.push(this.#tables.delete(key))
    }
    for (const { record, version } of records) {
      changes.push(this.#tables.set(record, version))
    }
    this.#epoch = epoch
    this.#advance(revision, changes)
  }

  #apply({ revision, changes }: ChangeBatch): void {
    this.#advance(
      revision,
      changes.map((change) => this.#applyChange(change, revision)),
    )
  }

  #applyChange(change: Change, revision: Revision): RecordChange | undefined {
    if (change.op === 'delete') {
      this.#reader.forget(change.key)
      return this.#tables.delete(change.key)
    }
    const record = this.#reader.read(change.key, change.value)
    return record
      ? this.#tables.set(record, revision)
      : this.#tables.delete(change.key)
  }

  #advance(
    revision: Revision,
    changes: readonly (RecordChange | undefined)[],
  ): void {
    this.#revision = revision
    this.#tell(changes.filter((change) => change !== undefined))
    for (const waiter of this.#waiters) {
      if (waiter.revision > revision) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  #tell(changes: readonly RecordChange[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(changes, this.#revision)
      } catch (error) {
        const { revision } = this
        this.#logger.error({ err: error, revision }, 'a change listener failed')
      }
    }
  }
}
