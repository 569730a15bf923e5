import { errors } from '../base/errors.js'
import { splitKey } from './keys.js'
import { Acknowledged, REVISION_LEAP } from './positions.js'
import { RedisConnection } from './redis-connection.js'
import { RedisFeed } from './redis-feed.js'
import { keyPrefix } from './redis-keys.js'
import type { ScriptCalls, ScriptName, ScriptWrite } from './redis-scripts.js'
import { parseStored } from './stored-record.js'
import { parseRedisUrl, type RedisTarget } from './redis-url.js'
import type {
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
  Revision,
  Snapshot,
  Store,
  StoreState,
} from './store.js'

/** Writes the log keeps at least: a follower further behind takes a snapshot. */
const LOG_LENGTH = 100_000

export interface RedisStoreOptions {
  /** See `parseRedisUrl`. */
  readonly url: string
  /** Several overlay clusters may share one Redis. */
  readonly cluster: string
  readonly logLength?: number
}

/** The store contract on Redis 6.2 or later. Its keys: `redis-keys.ts`. */
export class RedisStore implements Store {
  readonly description: string
  readonly #target: RedisTarget
  readonly #prefix: string
  readonly #logLength: number
  readonly #connection: RedisConnection
  readonly #acknowledged = new Acknowledged()
  readonly #closing = new AbortController()

  /** Throws CONFIG_INVALID for a URL it cannot read. */
  constructor({ url, cluster, logLength = LOG_LENGTH }: RedisStoreOptions) {
    this.#target = parseRedisUrl(url)
    this.description = this.#target.description
    this.#prefix = keyPrefix(cluster)
    this.#logLength = logLength
    this.#connection = new RedisConnection(this.#target, this.#prefix)
  }

  get state(): StoreState {
    return this.#connection.state
  }

  onStateChange(listener: (state: StoreState) => void): () => void {
    return this.#connection.onStateChange(listener)
  }

  connect(): Promise<void> {
    return this.#connection.connect()
  }

  close(): Promise<void> {
    this.#closing.abort()
    this.#connection.close()
    return Promise.resolve()
  }

  async snapshot(collections?: readonly string[]): Promise<Snapshot> {
    // Whether the store is there at all is found out sooner like this.
    const place = await this.#run('snapshot', { collections: [] })
    if (collections?.length === 0) return toSnapshot(place)
    const request = collections ? { collections } : {}
    return toSnapshot(await this.#connection.runAside('snapshot', request))
  }

  watch(from: KnownPosition, signal: AbortSignal): AsyncIterable<ChangeBatch> {
    const feed = new RedisFeed({
      target: this.#target,
      prefix: this.#prefix,
      from,
      acknowledged: this.#acknowledged,
    })
    return feed.batches(AbortSignal.any([signal, this.#closing.signal]))
  }

  async declareLoss(known: KnownPosition, settleMs: number): Promise<void> {
    const acknowledged = this.#acknowledged.beyond(known)
    await this.#run('declareLoss', {
      known: acknowledged ? [known, acknowledged] : [known],
      settleMs,
      leap: REVISION_LEAP,
    })
  }

  async digests(recount: readonly string[] = []): Promise<Digests> {
    const [epoch, revision, rows] = await this.#run('digests', { recount })
    const collections = rows.map(([collection, count, versions]) => ({
      collection,
      count,
      versions,
    }))
    return { epoch, revision, collections }
  }

  async commit(commit: Commit): Promise<Revision> {
    const { guards = [], puts = [], deletes = [], lease } = commit
    const reply = await this.#run('commit', {
      guards: guards.map(checkGuard),
      changes: [
        ...puts.map(({ key, value }) => toPut(key, value)),
        ...deletes.map(toDelete),
      ],
      lease,
      keep: this.#logLength,
    })
    if (reply[0] === 'conflict') throw errors.STORE_CONFLICT(reply[1])
    if (reply[0] === 'fenced') throw errors.STORE_FENCED(lease?.host ?? '')
    const [, revision, epoch, stamp] = reply
    this.#acknowledged.note({ epoch, revision, stamp })
    return revision
  }

  async claimFirst(
    keys: readonly string[],
    value: Json,
    lease?: LeaseToken,
  ): Promise<{ readonly key: string; readonly revision: Revision } | null> {
    keys.forEach(splitKey)
    const reply = await this.#run('claimFirst', {
      keys,
      value: JSON.stringify(value),
      lease,
      keep: this.#logLength,
    })
    if (reply[0] === 'fenced') throw errors.STORE_FENCED(lease?.host ?? '')
    if (reply[0] === 'none') return null
    const [, key, revision, epoch, stamp] = reply
    this.#acknowledged.note({ epoch, revision, stamp })
    return { key, revision }
  }

  async register(request: LeaseRequest): Promise<LeaseToken> {
    const { host, address } = request
    const reply = await this.#run('register', { holdMs: 0, ...request })
    if (reply[0] === 'taken') {
      throw errors.HOST_IDENTITY_TAKEN(host, reply[1], address)
    }
    return { host, fence: reply[1] }
  }

  async renew(lease: LeaseToken, ttlMs: number): Promise<void> {
    const [outcome] = await this.#run('renew', { lease, ttlMs })
    if (outcome === 'fenced') throw errors.STORE_FENCED(lease.host)
  }

  async release(lease: LeaseToken): Promise<void> {
    await this.#run('release', { lease })
  }

  async leases(): Promise<readonly LeaseState[]> {
    const rows = await this.#run('leases', {})
    return rows.map(([host, fence, owner, address, remainingMs]) => ({
      host,
      fence,
      owner,
      address,
      remainingMs,
    }))
  }

  #run<N extends ScriptName>(
    script: N,
    request: ScriptCalls[N]['request'],
  ): Promise<ScriptCalls[N]['reply']> {
    return this.#connection.run(script, request)
  }
}

function toSnapshot(reply: ScriptCalls['snapshot']['reply']): Snapshot {
  const [epoch, revision, stamp, settlesInMs, rows] = reply
  const entries = rows.flatMap(([collection, hash]) =>
    toEntries(collection, hash),
  )
  return { epoch, revision, stamp, settlesInMs, entries }
}

function toPut(key: string, value: Json): ScriptWrite {
  splitKey(key)
  return [key, JSON.stringify(value)]
}

function toDelete(key: string): ScriptWrite {
  splitKey(key)
  return [key]
}

function checkGuard(guard: Guard): Guard {
  if ('key' in guard) splitKey(guard.key)
  return guard
}

/** A hash as HGETALL gives it: id, "<version> <JSON>", id, ... */
function toEntries(collection: string, hash: readonly string[]): Entry[] {
  const entries: Entry[] = []
  for (let i = 0; i < hash.length; i += 2) {
    const id = hash[i] ?? ''
    const stored = hash[i + 1] ?? ''
    entries.push({ key: `${collection}/${id}`, ...parseStored(stored) })
  }
  return entries
}
