import { chunks } from '../base/chunks.js'
import { systemClock, type Clock } from '../base/clock.js'
import { errors, isOvertapError } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import { backoff } from '../base/backoff.js'
import type { ClusterView, RecordChange } from './cluster-view.js'
import { DriftCheck } from './drift-check.js'
import { splitKey } from './keys.js'
import {
  networksPerCall,
  snapshotHeld,
  type HeldSnapshot,
} from './held-snapshot.js'
import { Listeners } from './listeners.js'
import { RecordCopy } from './record-copy.js'
import { RecordView } from './record-view.js'
import { rowCollections } from './records.js'
import { Serialised } from '../base/serialised.js'
import { RevisionWaiters } from './revision-waiters.js'
import { SettleWindow } from './settle-window.js'
import type {
  ChangeBatch,
  Digests,
  KnownPosition,
  Revision,
  Store,
} from './store.js'

export type { ClusterView, RecordChange, Versioned } from './cluster-view.js'

/** Where a daemon begins that knows nothing of the store. */
const nowhere: KnownPosition = { epoch: '', revision: 0 }

/** All records are compared with the store this often. */
const COMPARE_MS = 30_000
/** How long the feed may take to bring the copy to what is compared. */
const CATCH_UP_MS = 2000

/**
 * Called once for each commit, for each snapshot with what it changed, at the
 * end of settling, and when rows are held from now on or no more; after all of
 * it can be read from the view. There may be no changes.
 */
export type ChangeListener = (
  changes: readonly RecordChange[],
  revision: Revision,
) => void

/**
 * Called with what happened to records that was not there when the daemon
 * started, of networks whose rows are not held, too: those come and go without
 * being in the view. After a gap in the feed what happened there is not told.
 */
export type NewsListener = (news: readonly RecordChange[]) => void

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
 * It has all hosts and networks, and the rows of those networks that are held.
 *
 * When the store has lost data, records that vanished were not deleted by
 * anybody. They stay until the time to settle is over; new ones appear at once.
 */
export class Replica extends RecordView implements ClusterView {
  readonly #store: Store
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #settleMs: number
  readonly #window: SettleWindow
  readonly #changeListeners: Listeners<Parameters<ChangeListener>>
  readonly #newsListeners: Listeners<Parameters<NewsListener>>
  readonly #lossListeners: Listeners<[StoreLoss]>
  readonly #settledListeners: Listeners<[]>
  readonly #driftListeners: Listeners<[DriftRepair]>
  readonly #driftCheck: DriftCheck
  readonly #waiters: RevisionWaiters
  readonly #stopping = new AbortController()
  #following = Promise.resolve()
  /** Ends the watch, for a snapshot of what drifted. */
  #interrupt = new AbortController()
  #drifted: readonly string[] = []
  /** There was a snapshot. */
  #started = false
  /** The store lost data, and there is no snapshot of the new one yet. */
  #replaced = false
  #position = nowhere
  /** Snapshots are taken one after the other. */
  readonly #loads = new Serialised()

  constructor(store: Store, options: ReplicaOptions) {
    const { logger, clock = systemClock, settleMs = 0 } = options
    const { compareMs: everyMs = COMPARE_MS } = options
    super(new RecordCopy(logger))
    this.#store = store
    this.#logger = logger
    this.#clock = clock
    this.#settleMs = settleMs
    this.#waiters = new RevisionWaiters(clock)
    this.#window = new SettleWindow(store, clock, () => {
      this.#settled()
    })
    this.#changeListeners = new Listeners('a change listener', logger)
    this.#newsListeners = new Listeners('a news listener', logger)
    this.#lossListeners = new Listeners('a loss listener', logger)
    this.#settledListeners = new Listeners('a listener for settling', logger)
    this.#driftListeners = new Listeners('a drift listener', logger)
    this.#driftCheck = new DriftCheck({
      ...{ store, clock, logger, everyMs },
      differences: (theirs) => this.#differences(theirs),
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

  /** Returns the function that ends it. Before `start` it hears everything. */
  onChange(listener: ChangeListener): () => void {
    return this.#changeListeners.add(listener)
  }

  onNews(listener: NewsListener): () => void {
    return this.#newsListeners.add(listener)
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
   * by itself. `known` is where the store was when this daemon last ran: if it
   * does not continue that history, it lost data since. Rejects with
   * STORE_UNAVAILABLE.
   */
  async start(known: KnownPosition = nowhere): Promise<void> {
    this.#position = known
    await this.#load()
    this.#following = this.#follow()
    this.#driftCheck.start()
  }

  /**
   * From when it resolves the view has the endpoints and addresses of these
   * networks, and listeners have heard of them. STORE_UNAVAILABLE.
   */
  async hold(networks: readonly string[]): Promise<void> {
    await this.#loads.run('', async () => {
      const missing = networks.filter((network) => !this.holds(network))
      for (const some of chunks(missing, networksPerCall)) {
        await this.#loadRows(some)
      }
    })
  }

  /** The view needs to have them no longer. */
  async drop(network: string): Promise<void> {
    await this.#loads.run('', () => {
      this.#tell(this.copy.drop(network))
      return Promise.resolve()
    })
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

  /** Rejects with STORE_UNAVAILABLE or, to be tried again, STORE_REPLACED. */
  #load(): Promise<void> {
    return this.#loads.run('', async () => {
      const known = this.#position
      if (known.epoch !== '') {
        await this.#store.declareLoss(known, this.#settleMs)
      }
      const snapshot = await snapshotHeld(this.#store, this.heldNetworks)
      if (this.#stopping.signal.aborted) return
      // One that is the old one again has not what was written in between.
      const isOther = this.#replaced || known.epoch !== snapshot.epoch
      const lost = known.epoch !== '' && isOther
      this.#reset(snapshot, lost)
    })
  }

  async #loadRows(networks: readonly string[]): Promise<void> {
    for (const network of networks) this.copy.held.expect(network)
    try {
      const collections = networks.flatMap(rowCollections)
      const snapshot = await this.#store.snapshot(collections)
      const { epoch, entries, revision } = snapshot
      // The feed is about to notice, and a snapshot of everything follows.
      if (epoch !== this.epoch) throw errors.STORE_UNAVAILABLE('it lost data')
      this.#tell(this.copy.add(networks, entries, revision))
    } catch (error) {
      for (const network of networks) this.copy.drop(network)
      throw error
    }
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

  async #differences(theirs: Digests): Promise<string[] | undefined> {
    const { epoch, revision, collections } = theirs
    const compare = (now: Revision) => {
      const there = now === revision && epoch === this.epoch
      if (!there || this.settling) return undefined
      return this.copy.differences(collections, revision)
    }
    if (this.revision >= revision) return compare(this.revision)
    return this.#waiters.wait(revision, CATCH_UP_MS, compare)
  }

  #reset(snapshot: HeldSnapshot, lost: boolean): void {
    const { epoch, revision, stamp, settlesInMs } = snapshot
    this.#replaced = false
    const keep = lost && settlesInMs > 0
    const changes = this.copy.replace(snapshot, keep)
    const isFirst = !this.#started
    this.#started = true
    this.#position = { epoch, revision, stamp }
    if (settlesInMs > 0 && (lost || !this.settling)) {
      this.#window.begin(settlesInMs)
    }
    if (lost) this.#waiters.reject('it lost data; the change may be lost')
    this.#tell(changes, isFirst ? [] : changes)
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
    const vanished = this.copy.vanished.size
    const { settlesInMs } = this
    this.#lossListeners.tell({ epoch, vanished, settlesInMs })
  }

  #settled(): void {
    const changes = this.copy.dropVanished()
    this.#tell(changes, changes)
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
    const { changes, news } = this.copy.apply(batch)
    this.#position = { epoch: this.epoch, revision, stamp }
    this.#tell(changes, news)
  }

  /** Without news: what is told was there before. */
  #tell(
    changes: readonly RecordChange[],
    news: readonly RecordChange[] = [],
  ): void {
    this.#changeListeners.tell(changes, this.revision)
    if (news.length > 0) this.#newsListeners.tell(news)
    this.#waiters.reached(this.revision)
  }
}
