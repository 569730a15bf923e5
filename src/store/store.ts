/**
 * The store as overtap's logic sees it, modelled on etcd's contract: a set of
 * JSON records under keys, one totally ordered feed of changes, atomic guarded
 * commits, and leases timed by the store's own clock. `RedisStore` and
 * `MemoryStore` implement it; `test/contract/store.contract.ts` says what every
 * implementation must do.
 *
 * Keys are `collection/id`. The collection is everything before the last slash
 * and may hold slashes itself: `host/host2`, `endpoint/<network id>/<id>`.
 */

/**
 * A position in the ordered change feed. Each successful write takes the next
 * whole number; 0 is the empty store.
 */
export type Revision = number

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

export interface Entry {
  readonly key: string
  readonly value: Json
  /** Revision of the write that last put this key. */
  readonly version: Revision
}

/** A place in one history of the store. */
export interface Position {
  /** Identity of this history of the store; a new one means data was lost. */
  readonly epoch: string
  readonly revision: Revision
  /**
   * Of the write that made the revision. Two histories that counted to the same
   * revision have different ones, as after a restore from an old copy.
   */
  readonly stamp: string
}

/** A position as somebody remembers it; without a stamp less can be proved. */
export type KnownPosition = Omit<Position, 'stamp'> & {
  readonly stamp?: string | undefined
}

export interface Snapshot extends Position {
  /** What is left of the time to settle, by the store's clock; 0 when over. */
  readonly settlesInMs: number
  readonly entries: readonly Entry[]
}

/** Enough of a collection to find out that a copy of it is not the same. */
export interface CollectionDigest {
  readonly collection: string
  readonly count: number
  /** Sum of the versions of its records. */
  readonly versions: number
}

export interface Digests {
  readonly epoch: string
  readonly revision: Revision
  /** Of the collections that hold records. */
  readonly collections: readonly CollectionDigest[]
}

/**
 * What one write did to one record. It says enough of the record before that a
 * follower can tell what happened without having a copy of its own.
 */
export type Change =
  | {
      readonly op: 'put'
      readonly key: string
      readonly value: Json
      /** Version of the record it took the place of; null: there was none. */
      readonly replaces: Revision | null
    }
  | {
      readonly op: 'delete'
      readonly key: string
      /** The record that is gone; null: there was none. */
      readonly was: Omit<Entry, 'key'> | null
    }

/** All changes of one commit; they take effect together. */
export interface ChangeBatch {
  readonly revision: Revision
  /** See `Position`. */
  readonly stamp: string
  readonly changes: readonly Change[]
}

/** A condition that must hold at the moment of the commit. */
export type Guard =
  /** The key was last written at this revision; null: it does not exist. */
  | { readonly key: string; readonly version: Revision | null }
  /** No key exists in this collection. */
  | { readonly empty: string }

export interface Commit {
  readonly guards?: readonly Guard[]
  readonly puts?: readonly { readonly key: string; readonly value: Json }[]
  readonly deletes?: readonly string[]
  /** When given, the commit fails unless this lease is live and not overtaken. */
  readonly lease?: LeaseToken
}

/** Proof of holding a host's lease, as given by `register`. */
export interface LeaseToken {
  readonly host: string
  /** Grows with each registration of the host; the highest one is right. */
  readonly fence: number
}

export interface LeaseRequest {
  readonly host: string
  /** Tells incarnations of a daemon apart; same owner may re-register at once. */
  readonly owner: string
  /** Shown to whoever is refused because this lease is held; usually the VTEP address. */
  readonly address: string
  readonly ttlMs: number
  /** How long an expired lease of another address is left alone; 0 by default. */
  readonly holdMs?: number
}

export interface LeaseState {
  readonly host: string
  readonly fence: number
  readonly owner: string
  readonly address: string
  /** By the store's clock; negative when expired. */
  readonly remainingMs: number
}

/** Whether calls can work now; a store that is away is always being retried. */
export type StoreState = 'connected' | 'reconnecting'

export interface Store {
  /** Shown in `overtap status`: the URL without its password, or "memory". */
  readonly description: string

  /** `reconnecting` until `connect` has resolved, and whenever the store is away. */
  readonly state: StoreState
  /** Called on each change of `state`, must not throw; returns what ends it. */
  onStateChange(listener: (state: StoreState) => void): () => void

  /** Opens the connection. Rejects with STORE_UNAVAILABLE, then nothing is retried. */
  connect(): Promise<void>
  /** Ends watches, then closes; idempotent. */
  close(): Promise<void>

  /** All records at one revision; with `collections`, only theirs. */
  snapshot(collections?: readonly string[]): Promise<Snapshot>

  /**
   * Every commit after `from`, in order, with no gap and none twice; survives
   * reconnects. Ends when `signal` aborts. Take a new snapshot when it throws:
   * STORE_COMPACTED, the feed no longer reaches back to `from`; STORE_REPLACED,
   * the store does not continue the history of `from`, or lost a commit that
   * this client was told had been made.
   */
  watch(from: KnownPosition, signal: AbortSignal): AsyncIterable<ChangeBatch>

  /**
   * Says that the store is not what `known` was a position of, if that is so.
   * When it still has that epoch, it gets a new one and a revision far beyond,
   * so that everybody notices and no old version is met again. The first to say
   * so of an epoch begins the time to settle, which snapshots tell to all. The
   * position of a history that continues changes nothing.
   */
  declareLoss(known: KnownPosition, settleMs: number): Promise<void>

  /**
   * Of all collections at one revision; its cost is that of their number, not
   * of the records'. Sums are kept by the writes; those of `recount` are added
   * up anew, for when somebody has edited the records behind the store's back.
   */
  digests(recount?: readonly string[]): Promise<Digests>

  /**
   * Applies all or nothing. Rejects with STORE_CONFLICT when a guard does not
   * hold, STORE_FENCED when the lease does not. A put of an existing key
   * replaces it; a delete of an absent one is fine. Puts take effect before
   * deletes. With nothing to write it only checks, and resolves to the current
   * revision. After STORE_UNAVAILABLE it may or may not have been applied; the
   * change feed tells.
   */
  commit(commit: Commit): Promise<Revision>

  /**
   * Puts `value` under the first of `keys` that does not exist, atomically.
   * Resolves to null when all exist. This is what address allocation needs.
   */
  claimFirst(
    keys: readonly string[],
    value: Json,
    lease?: LeaseToken,
  ): Promise<{ readonly key: string; readonly revision: Revision } | null>

  /**
   * Takes or retakes the lease of a host. Rejects with HOST_IDENTITY_TAKEN
   * while another owner's lease is live, and for as long as is asked after it
   * has expired if that owner is at another address: it may be cut off from the
   * store, with its containers at work.
   */
  register(request: LeaseRequest): Promise<LeaseToken>
  /**
   * Rejects with STORE_FENCED when overtaken or unknown. An expired lease that
   * nobody else has taken comes back to life.
   */
  renew(lease: LeaseToken, ttlMs: number): Promise<void>
  /** Gives the lease up at once; unknown or overtaken leases are left alone. */
  release(lease: LeaseToken): Promise<void>
  /** Live and expired leases; those given up are gone. */
  leases(): Promise<readonly LeaseState[]>
}
