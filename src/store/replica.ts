import { systemClock, type Clock } from '../base/clock.js'
import { errors, isOvertapError } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import { backoff } from './backoff.js'
import type { ClusterView, RecordChange, Versioned } from './cluster-view.js'
import type { DigestTable } from './digest.js'
import { DriftCheck } from './drift-check.js'
import { splitKey } from './keys.js'
import { Listeners } from './listeners.js'
import { RecordCopy } from './record-copy.js'
import type {
  AddressClaim,
  Allocation,
  Endpoint,
  Host,
  Network,
} from './records.js'
import { RevisionWaiters } from './revision-waiters.js'
import { SettleWindow } from './settle-window.js'
import type {
  ChangeBatch,
  KnownPosition,
  Revision,
  Snapshot,
  Store,
} from './store.js'

export type { ClusterView, RecordChange, Versioned } from './cluster-view.js'

/** All records are compared with the store this often. */
const COMPARE_MS = 30_000
/** How long the feed may take to bring the copy to what is compared. */
const CATCH_UP_MS = 2000

/**
 * Called once for each commit, for each snapshot with what it changed, and at
 * the end of settling, after all of it can be read from the view. There may be
 * no changes.
 */
export type ChangeListener = (
  changes: readonly RecordChange[],
  revision: Revision,
) => void

export interface StoreLoss {
  /** The store's new one. */
  readonly epoch: string
  /** Records that the store no longer has and the view still shows. */
  readonly vanished: number
  /** For how long it shows them at most. */
  readonly settlesInMs: number
}

export interface DriftRepair {
  /** Names of the collections that were not as in the store. */
  readonly collections: readonly string[]
  /** What the view showed wrongly in them. */
  readonly changes: readonly RecordChange[]
}

export interface ReplicaOptions {
  readonly logger: Logger
  readonly clock?: Clock
  /** How long daemons have, after a loss, to write their records again. */
  readonly settleMs?: number
  /** How often the records are compared with the store. */
  readonly compareMs?: number
}

/**
 * The `ClusterView` of a daemon: takes a snapshot, follows the change feed, and
 * when the feed is cut takes another snapshot and tells only the differences.
 *
 * When the store has lost data, records that vanished were not deleted by
 * anybody. They stay until the time to settle is over; new ones appear at once.
 */
export class Replica implements ClusterView {
  readonly #store: Store
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #settleMs: number
  readonly #copy: RecordCopy
  readonly #window: SettleWindow
  readonly #changeListeners: Listeners<Parameters<ChangeListener>>
  readonly #lossListeners: Listeners<[StoreLoss]>
  readonly #settledListeners: Listeners<[]>
  readonly #driftListeners: Listeners<[DriftRepair]>
  readonly #driftCheck: DriftCheck
  readonly #waiters = new RevisionWaiters()
  readonly #stopping = new AbortController()
  #following = Promise.resolve()
  /** Ends the watch, for a snapshot of what drifted. */
  #interrupt = new AbortController()
  #drifted: readonly string[] = []
  /** The store lost data, and there is no snapshot of the new one yet. */
  #replaced = false
  #position: KnownPosition = { epoch: '', revision: 0 }

  constructor(store: Store, options: ReplicaOptions) {
    const { logger, clock = systemClock, settleMs = 0 } = options
    const { compareMs: everyMs = COMPARE_MS } = options
    this.#store = store
    this.#logger = logger
    this.#clock = clock
    this.#settleMs = settleMs
    this.#copy = new RecordCopy(logger)
    this.#window = new SettleWindow(store, clock, () => {
      this.#settled()
    })
    this.#changeListeners = new Listeners('a change listener', logger)
    this.#lossListeners = new Listeners('a loss listener', logger)
    this.#settledListeners = new Listeners('a listener for settling', logger)
    this.#driftListeners = new Listeners('a drift listener', logger)
    this.#driftCheck = new DriftCheck({
      ...{ store, clock, logger, everyMs },
      digestsAt: (epoch, revision) => this.#digestsAt(epoch, revision),
      repair: (collections) => {
        this.#repair(collections)
      },
    })
  }

  get revision(): Revision {
    return this.#position.revision
  }

  /** Which history of the store the records are from; empty before `start`. */
  get epoch(): string {
    return this.#position.epoch
  }

  get settling(): boolean {
    return this.#replaced || this.#window.open
  }

  get settlesInMs(): number {
    return this.#replaced ? this.#settleMs : this.#window.remainingMs
  }

  vanished(key: string): boolean {
    return this.#copy.vanished.has(key)
  }

  get hosts(): ReadonlyMap<string, Versioned<Host>> {
    return this.#copy.tables.host
  }

  get networks(): ReadonlyMap<string, Versioned<Network>> {
    return this.#copy.tables.network
  }

  get allocation(): Versioned<Allocation> | undefined {
    return this.#copy.tables.allocation.get('networks')
  }

  networkByName(name: string): Versioned<Network> | undefined {
    const holder = this.#copy.tables['network-name'].get(name)
    return holder && this.#copy.tables.network.get(holder.value.network)
  }

  endpoints(network: string): ReadonlyMap<string, Versioned<Endpoint>> {
    return this.#copy.tables.endpoint.of(network)
  }

  addresses(network: string): ReadonlyMap<string, Versioned<AddressClaim>> {
    return this.#copy.tables.address.of(network)
  }

  networksWithAddresses(): Iterable<string> {
    return this.#copy.tables.address.networks()
  }

  /** Returns the function that ends it. Before `start` it hears everything. */
  onChange(listener: ChangeListener): () => void {
    return this.#changeListeners.add(listener)
  }

  /**
   * The store lost data, was replaced or restored, and the view is that of the
   * new one: time to write again what was lost.
   */
  onLoss(listener: (loss: StoreLoss) => void): () => void {
    return this.#lossListeners.add(listener)
  }

  /** The time to settle is over, and what vanished has been told as deleted. */
  onSettled(listener: () => void): () => void {
    return this.#settledListeners.add(listener)
  }

  /** A comparison found differences to the store, and they were corrected. */
  onDrift(listener: (repair: DriftRepair) => void): () => void {
    return this.#driftListeners.add(listener)
  }

  /**
   * Resolves when the first snapshot has been applied; from then on it goes on
   * by itself. `knownEpoch` is the one this daemon knew when it last ran: with
   * another one now, the store lost data since. Rejects with STORE_UNAVAILABLE.
   */
  async start(knownEpoch = ''): Promise<void> {
    this.#position = { epoch: knownEpoch, revision: 0 }
    await this.#load()
    this.#following = this.#follow()
    this.#driftCheck.start()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#window.close()
    this.#driftCheck.stop()
    await this.#following
  }

  /**
   * Resolves when the write of this revision can be read from the view and
   * listeners have heard of it; rejects with STORE_UNAVAILABLE when that takes
   * too long, or the store lost data meanwhile.
   */
  reached(revision: Revision, timeoutMs: number): Promise<void> {
    if (this.revision >= revision) return Promise.resolve()
    return this.#waiters.wait(revision, timeoutMs, () => undefined)
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#interrupt = new AbortController()
      const stop = AbortSignal.any([signal, this.#interrupt.signal])
      try {
        for await (const batch of this.#store.watch(this.#position, stop)) {
          this.#apply(batch)
        }
        // Else stopped, or the store was closed.
        if (!this.#interrupt.signal.aborted) return
      } catch (error) {
        this.#replaced = isOvertapError(error, 'STORE_REPLACED')
        this.#logger.warn({ err: error }, 'taking a new snapshot of the store')
      }
      await this.#resync(signal)
    }
  }

  /** Waits first, so that not all hosts ask for a snapshot in one moment. */
  async #resync(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await backoff(attempt, signal, this.#clock)
      if (signal.aborted) return
      try {
        await this.#load()
        return
      } catch (error) {
        this.#logger.debug({ err: error }, 'no snapshot yet')
      }
    }
  }

  /** Rejects with STORE_UNAVAILABLE. */
  async #load(): Promise<void> {
    const known = this.#position
    if (known.epoch !== '') {
      await this.#store.declareLoss(known, this.#settleMs)
    }
    const snapshot = await this.#store.snapshot()
    if (this.#stopping.signal.aborted) return
    const lost = known.epoch !== '' && known.epoch !== snapshot.epoch
    this.#reset(snapshot, lost)
  }

  #repair(collections: readonly string[]): void {
    const names = collections.join(', ')
    this.#logger.warn(
      {},
      `records differ from the store's, corrected: ${names}`,
    )
    this.#drifted = collections
    this.#interrupt.abort()
  }

  async #digestsAt(
    epoch: string,
    revision: Revision,
  ): Promise<DigestTable | undefined> {
    const digests = (now: Revision) => {
      const there = now === revision && epoch === this.epoch
      return there && !this.settling ? this.#copy.digests() : undefined
    }
    if (this.revision >= revision) return digests(this.revision)
    return this.#waiters.wait(revision, CATCH_UP_MS, digests)
  }

  #reset(snapshot: Snapshot, lost: boolean): void {
    const { epoch, revision, stamp, settlesInMs, entries } = snapshot
    this.#replaced = false
    const keep = lost && settlesInMs > 0
    const changes = this.#copy.replace(entries, keep)
    this.#position = { epoch, revision, stamp }
    if (settlesInMs > 0 && (lost || !this.settling)) {
      this.#window.begin(settlesInMs)
    }
    if (lost) this.#waiters.reject('it lost data; the change may be lost')
    this.#tell(changes)
    if (lost) this.#reportLoss(epoch)
    this.#reportRepair(changes)
  }

  #reportRepair(changes: readonly RecordChange[]): void {
    const collections = this.#drifted
    if (collections.length === 0) return
    this.#drifted = []
    const wrong = changes.filter(({ kind, id }) =>
      collections.includes(splitKey(`${kind}/${id}`).collection),
    )
    this.#driftListeners.tell({ collections, changes: wrong })
  }

  #reportLoss(epoch: string): void {
    const vanished = this.#copy.vanished.size
    const { settlesInMs } = this
    this.#lossListeners.tell({ epoch, vanished, settlesInMs })
  }

  #settled(): void {
    this.#tell(this.#copy.dropVanished())
    this.#settledListeners.tell()
  }

  /**
   * In order and once each, whatever the feed brings: a delete that comes late
   * must not undo a newer record. After a gap only a snapshot is right.
   */
  #apply(batch: ChangeBatch): void {
    const { revision, stamp } = batch
    if (revision <= this.revision) return
    if (revision > this.revision + 1) {
      throw errors.STORE_COMPACTED(this.revision)
    }
    const changes = this.#copy.apply(batch)
    this.#position = { epoch: this.epoch, revision, stamp }
    this.#tell(changes)
  }

  #tell(changes: readonly RecordChange[]): void {
    this.#changeListeners.tell(changes, this.revision)
    this.#waiters.reached(this.revision)
  }
}
