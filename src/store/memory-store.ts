import { errors } from '../base/errors.js'
import { MemoryBackend } from './memory-backend.js'
import { Acknowledged } from './positions.js'
import type {
  ChangeBatch,
  Commit,
  Digests,
  Json,
  KnownPosition,
  LeaseRequest,
  LeaseState,
  LeaseToken,
  Revision,
  Snapshot,
  Store,
  StoreState,
} from './store.js'

/**
 * The store contract within one process: one client of a backend. Clients of
 * one backend see each other as daemons on one Redis do.
 */
export class MemoryStore implements Store {
  readonly description = 'memory'
  readonly #backend: MemoryBackend
  readonly #closing = new AbortController()
  readonly #listeners = new Set<(state: StoreState) => void>()
  readonly #acknowledged = new Acknowledged()
  #opened = false
  #reachable = true
  #state: StoreState = 'reconnecting'

  constructor(backend = new MemoryBackend()) {
    this.#backend = backend
  }

  get state(): StoreState {
    return this.#state
  }

  onStateChange(listener: (state: StoreState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Cuts this client off its backend, as a lost network does, or heals that. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable
    this.#updateState()
  }

  connect(): Promise<void> {
    return this.#settle(() => {
      if (!this.#reachable) throw errors.STORE_UNAVAILABLE('out of reach')
      this.#opened = true
      this.#updateState()
    })
  }

  close(): Promise<void> {
    this.#opened = false
    this.#closing.abort()
    return Promise.resolve()
  }

  snapshot(collections?: readonly string[]): Promise<Snapshot> {
    return this.#call((backend) => backend.snapshot(collections))
  }

  async *watch(
    from: KnownPosition,
    signal: AbortSignal,
  ): AsyncGenerator<ChangeBatch, void> {
    const stop = AbortSignal.any([signal, this.#closing.signal])
    let known = from
    while (!stop.aborted) {
      const batch = this.#reachable ? this.#next(known) : undefined
      if (batch) {
        const { revision, stamp } = batch
        known = { epoch: from.epoch, revision, stamp }
        yield batch
      } else {
        await this.#nextEvent(stop)
      }
    }
  }

  declareLoss(known: KnownPosition, settleMs: number): Promise<void> {
    const acknowledged = this.#acknowledged.beyond(known)
    const positions = acknowledged ? [known, acknowledged] : [known]
    return this.#call((backend) => {
      backend.declareLoss(positions, settleMs)
    })
  }

  digests(): Promise<Digests> {
    return this.#call((backend) => backend.digests())
  }

  commit(commit: Commit): Promise<Revision> {
    return this.#write((backend) => backend.commit(commit))
  }

  claimFirst(
    keys: readonly string[],
    value: Json,
    lease?: LeaseToken,
  ): Promise<{ readonly key: string; readonly revision: Revision } | null> {
    return this.#write((backend) => backend.claimFirst(keys, value, lease))
  }

  register(request: LeaseRequest): Promise<LeaseToken> {
    return this.#call((backend) => backend.register(request))
  }

  renew(lease: LeaseToken, ttlMs: number): Promise<void> {
    return this.#call((backend) => {
      backend.renew(lease, ttlMs)
    })
  }

  release(lease: LeaseToken): Promise<void> {
    return this.#call((backend) => {
      backend.release(lease)
    })
  }

  leases(): Promise<readonly LeaseState[]> {
    return this.#call((backend) => backend.leases())
  }

  #next(known: KnownPosition): ChangeBatch | undefined {
    const acknowledged = this.#acknowledged.beyond(known)
    if (acknowledged && !this.#backend.continues(acknowledged)) {
      throw errors.STORE_REPLACED(acknowledged.revision)
    }
    return this.#backend.batchAfter(known)
  }

  #write<T>(action: (backend: MemoryBackend) => T): Promise<T> {
    return this.#call((backend) => {
      const result = action(backend)
      this.#acknowledged.note(backend.position)
      return result
    })
  }

  #call<T>(action: (backend: MemoryBackend) => T): Promise<T> {
    return this.#settle(() => {
      if (!this.#opened) throw errors.STORE_UNAVAILABLE('not connected')
      if (!this.#reachable) throw errors.STORE_UNAVAILABLE('out of reach')
      return action(this.#backend)
    })
  }

  /** Acts at once; what the action throws becomes a rejection. */
  #settle<T>(action: () => T): Promise<T> {
    return new Promise((resolve) => {
      resolve(action())
    })
  }

  #updateState(): void {
    const state = this.#opened && this.#reachable ? 'connected' : 'reconnecting'
    if (state === this.#state) return
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }

  /** Resolves at the next write, the next change of state, or the abort. */
  #nextEvent(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        forgetWrite()
        forgetState()
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const forgetWrite = this.#backend.onWrite(wake)
      const forgetState = this.onStateChange(wake)
      signal.addEventListener('abort', wake)
    })
  }
}
