import { errors, isOvertapError } from '../base/errors.js'
import type { ClusterView } from '../store/cluster-view.js'
import type {
  Commit,
  Json,
  LeaseToken,
  Revision,
  Store,
} from '../store/store.js'

/** Attempts at a change that others keep getting ahead of. */
const maxAttempts = 32

/** How long the own write may take to come back in the change feed. */
const readBackMs = 10_000

/** A record as it was last seen. */
export interface Written {
  readonly key: string
  readonly version: Revision
}

/** A view that can be waited for. */
export interface FollowingView extends ClusterView {
  /** Resolves when everything up to the revision is in the view and acted on. */
  reached(revision: Revision, timeoutMs: number): Promise<void>
}

/**
 * Writes records in the name of this host: each write is fenced by its lease
 * and is done when this daemon itself has read it back and acted on it.
 */
export class RecordWriter {
  readonly #store: Store
  readonly #view: FollowingView
  readonly #lease: () => LeaseToken

  constructor(store: Store, view: FollowingView, lease: () => LeaseToken) {
    this.#store = store
    this.#view = view
    this.#lease = lease
  }

  async commit(commit: Omit<Commit, 'lease'>): Promise<void> {
    await this.write(commit)
  }

  /** As `commit`, and tells the version that the records have now. */
  async write(commit: Omit<Commit, 'lease'>): Promise<Revision> {
    const lease = this.#lease()
    const revision = await this.#store.commit({ ...commit, lease })
    await this.#view.reached(revision, readBackMs)
    return revision
  }

  /**
   * Writes over exactly this version of a record, while `also` has not changed
   * either. Null: somebody else changed one of them first.
   */
  async replace(
    { key, version }: Written,
    value: Json,
    also: readonly Written[] = [],
  ): Promise<Revision | null> {
    const guards = [{ key, version }, ...also]
    return this.#unlessConflict({ guards, puts: [{ key, value }] })
  }

  /** Deletes exactly this version of a record. Null: as with `replace`. */
  async remove({ key, version }: Written): Promise<Revision | null> {
    const guards = [{ key, version }]
    return this.#unlessConflict({ guards, deletes: [key] })
  }

  /**
   * Before anything is taken that may be somebody's who has not written it
   * again yet. Throws STORE_SETTLING.
   */
  requireSettled(): void {
    const { settling, settlesInMs } = this.#view
    if (settling) throw errors.STORE_SETTLING(settlesInMs)
  }

  /** Without waiting to read it back: for records that are not in the view. */
  async submit(commit: Omit<Commit, 'lease'>): Promise<void> {
    await this.#store.commit({ ...commit, lease: this.#lease() })
  }

  /** Without waiting to read it back. Null: all keys are taken. */
  claimFirst(
    keys: readonly string[],
    value: Json,
  ): Promise<{ readonly key: string; readonly revision: Revision } | null> {
    return this.#store.claimFirst(keys, value, this.#lease())
  }

  /** Waits until the view has all that is in the store now. */
  async catchUp(): Promise<void> {
    const { revision } = await this.#store.snapshot([])
    await this.#view.reached(revision, readBackMs)
  }

  /**
   * For plans made from the view: an attempt that fails because the view was
   * behind is made again with a current one.
   */
  async retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let made = 1; ; made++) {
      try {
        return await attempt()
      } catch (error) {
        const conflict = isOvertapError(error, 'STORE_CONFLICT')
        if (!conflict || made === maxAttempts) throw error
        await this.catchUp()
      }
    }
  }

  async #unlessConflict(
    commit: Omit<Commit, 'lease'>,
  ): Promise<Revision | null> {
    try {
      return await this.write(commit)
    } catch (error) {
      if (isOvertapError(error, 'STORE_CONFLICT')) return null
      throw error
    }
  }
}
