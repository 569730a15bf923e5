import { errors } from '../base/errors.js'
import { digestOf } from './digest.js'
import { splitKey } from './keys.js'
import { MemoryHistory } from './memory-history.js'
import type {
  Change,
  ChangeBatch,
  Commit,
  Digests,
  Entry,
  Guard,
  Json,
  KnownPosition,
  LeaseRequest,
  LeaseState,
  LeaseToken,
  Position,
  Revision,
  Snapshot,
} from './store.js'

export interface MemoryBackendOptions {
  /** The store's clock, milliseconds. */
  readonly now?: () => number
  /** Writes the log keeps; a follower further behind takes a snapshot. */
  readonly logLength?: number
}

/** A put, or without a value a delete. */
interface Write {
  readonly key: string
  readonly value?: Json
}

interface Lease extends Omit<LeaseState, 'remainingMs'> {
  readonly expires: number
}

/**
 * What several `MemoryStore`s share, as several daemons share one Redis. All of
 * it is synchronous, so that every call is atomic.
 */
export class MemoryBackend {
  readonly #now: () => number
  readonly #logLength: number
  readonly #leases = new Map<string, Lease>()
  readonly #fences = new Map<string, number>()
  readonly #followers = new Set<() => void>()
  #collections = new Map<string, Map<string, Entry>>()
  #history: MemoryHistory

  constructor({
    now = Date.now,
    logLength = 100_000,
  }: MemoryBackendOptions = {}) {
    this.#now = now
    this.#logLength = logLength
    this.#history = new MemoryHistory(logLength)
  }

  get position(): Position {
    return this.#history.position
  }

  snapshot(collections: Iterable<string> = this.#collections.keys()): Snapshot {
    const entries = [...collections].flatMap((collection) => [
      ...(this.#collections.get(collection)?.values() ?? []),
    ])
    const settlesInMs = this.#history.settlesInMs(this.#now())
    return { ...this.#history.position, settlesInMs, entries }
  }

  digests(): Digests {
    const { epoch, revision } = this.#history.position
    const collections = Array.from(
      this.#collections,
      ([collection, entries]) => ({ collection, ...digestOf(entries) }),
    )
    return { epoch, revision, collections }
  }

  /** See `MemoryHistory`. */
  batchAfter(from: KnownPosition): ChangeBatch | undefined {
    return this.#history.batchAfter(from)
  }

  continues(known: KnownPosition): boolean {
    return this.#history.continues(known)
  }

  declareLoss(known: readonly KnownPosition[], settleMs: number): void {
    this.#history.declareLoss(known, this.#now() + settleMs)
    this.#notify()
  }

  /** Calls the listener after each write; returns the function that ends it. */
  onWrite(listener: () => void): () => void {
    this.#followers.add(listener)
    return () => this.#followers.delete(listener)
  }

  commit({ guards = [], puts = [], deletes = [], lease }: Commit): Revision {
    if (lease) this.#requireLive(lease)
    guards.forEach((guard) => {
      this.#check(guard)
    })
    const writes: Write[] = [...puts, ...deletes.map((key) => ({ key }))]
    writes.forEach(({ key }) => splitKey(key))
    return writes.length === 0 ? this.#history.revision : this.#write(writes)
  }

  claimFirst(
    keys: readonly string[],
    value: Json,
    lease?: LeaseToken,
  ): { readonly key: string; readonly revision: Revision } | null {
    if (lease) this.#requireLive(lease)
    const key = keys.find((key) => this.#entry(key) === undefined)
    if (key === undefined) return null
    return { key, revision: this.#write([{ key, value }]) }
  }

  register(request: LeaseRequest): LeaseToken {
    const { host, owner, address, ttlMs, holdMs = 0 } = request
    const now = this.#now()
    const lease = this.#leases.get(host)
    if (lease && lease.owner !== owner) {
      const hold = lease.address === address ? 0 : holdMs
      if (lease.expires > now - hold) {
        throw errors.HOST_IDENTITY_TAKEN(host, lease.address, address)
      }
    }
    // By the clock, so that one from before `clear` cannot equal one from after.
    const fence = Math.max(now, (this.#fences.get(host) ?? 0) + 1)
    this.#fences.set(host, fence)
    const expires = now + ttlMs
    this.#leases.set(host, { host, fence, owner, address, expires })
    return { host, fence }
  }

  renew(token: LeaseToken, ttlMs: number): void {
    const lease = this.#held(token)
    if (!lease) throw errors.STORE_FENCED(token.host)
    this.#leases.set(token.host, { ...lease, expires: this.#now() + ttlMs })
  }

  release(token: LeaseToken): void {
    if (this.#held(token)) this.#leases.delete(token.host)
  }

  leases(): LeaseState[] {
    const now = this.#now()
    return [...this.#leases.values()].map(({ expires, ...lease }) => ({
      ...lease,
      remainingMs: expires - now,
    }))
  }

  /** Forgets the log, as trimming does: followers that lag are compacted. */
  compact(): void {
    this.#history.compact()
  }

  /** Loses everything, as FLUSHALL does: the store begins a new epoch. */
  clear(): void {
    this.#collections.clear()
    this.#leases.clear()
    this.#fences.clear()
    this.#history = new MemoryHistory(this.#logLength)
    this.#notify()
  }

  /**
   * Takes a copy of records and history; the function returned brings it back,
   * as a restored backup or a failover that lost the latest writes does.
   */
  backup(): () => void {
    const collections = copyOf(this.#collections)
    const history = this.#history.copy()
    return () => {
      this.#collections = copyOf(collections)
      this.#history = history.copy()
      this.#notify()
    }
  }

  #write(writes: readonly Write[]): Revision {
    const version = this.#history.revision + 1
    const changes = writes.map((write) => this.#apply(write, version))
    this.#history.append(changes)
    this.#notify()
    return version
  }

  #apply({ key, value }: Write, version: Revision): Change {
    const { collection, id } = splitKey(key)
    const entries =
      this.#collections.get(collection) ?? new Map<string, Entry>()
    const before = entries.get(id)
    if (value !== undefined) {
      const put = { key, value: frozenCopy(value) }
      this.#collections.set(collection, entries)
      entries.set(id, { ...put, version })
      return { op: 'put', ...put, replaces: before?.version ?? null }
    }
    entries.delete(id)
    if (entries.size === 0) this.#collections.delete(collection)
    const was = before && { value: before.value, version: before.version }
    return { op: 'delete', key, was: was ?? null }
  }

  #check(guard: Guard): void {
    if ('empty' in guard) {
      if (this.#collections.has(guard.empty)) {
        throw errors.STORE_CONFLICT(guard.empty)
      }
    } else if ((this.#entry(guard.key)?.version ?? null) !== guard.version) {
      throw errors.STORE_CONFLICT(guard.key)
    }
  }

  #entry(key: string): Entry | undefined {
    const { collection, id } = splitKey(key)
    return this.#collections.get(collection)?.get(id)
  }

  #held(token: LeaseToken): Lease | undefined {
    const lease = this.#leases.get(token.host)
    return lease?.fence === token.fence ? lease : undefined
  }

  #requireLive(token: LeaseToken): void {
    const lease = this.#held(token)
    if (!lease || lease.expires <= this.#now()) {
      throw errors.STORE_FENCED(token.host)
    }
  }

  #notify(): void {
    for (const follower of this.#followers) follower()
  }
}

function copyOf(
  collections: ReadonlyMap<string, ReadonlyMap<string, Entry>>,
): Map<string, Map<string, Entry>> {
  return new Map(
    Array.from(collections, ([name, entries]) => [name, new Map(entries)]),
  )
}

/** What a store over the network would give back, safe to share by readers. */
function frozenCopy(value: Json): Json {
  return JSON.parse(JSON.stringify(value), (_key, part: Json) =>
    Object.freeze(part),
  ) as Json
}
