import type { Clock } from '../../base/clock.js'
import { chunks } from '../../base/chunks.js'
import type { Logger } from '../../base/log.js'
import type { ClusterView } from '../../store/cluster-view.js'
import { networksPerCall } from '../../store/held-snapshot.js'
import { readTables } from '../../store/read-tables.js'
import { keys } from '../../store/records.js'
import type { CollectionDigest, Store } from '../../store/store.js'
import type { RecordWriter, Written } from '../record-writer.js'

export interface QuarantineParts {
  readonly view: Pick<ClusterView, 'networks'>
  readonly store: Store
  readonly writer: RecordWriter
  readonly clock: Clock
  readonly log: Logger
  readonly config: { readonly quarantine: number }
}

interface Watched extends Written {
  /** When this version was first seen, by `clock.monotonic`. */
  readonly since: number
}

/** The claims of one network that are to be freed, by their keys. */
interface Looked {
  /** As they were when they were looked at: see `sameAs`. */
  readonly digest: CollectionDigest
  readonly wasRemoved: boolean
  readonly watched: Map<string, Watched>
}

/**
 * Frees the addresses whose quarantine is over, and in the same time those of
 * removed networks: a daemon that ended between its claim and its container's
 * record may have left them. The time counts from when this
 * daemon first saw that an address was given back: clocks of hosts are not
 * compared, and one that is set changes nothing. A new janitor begins anew, so
 * that a quarantine may be longer than asked, never shorter.
 *
 * The claims of all networks are looked at, whether this host is on them or
 * not; those whose digest is the same as the last time are not read again.
 */
export class Quarantine {
  readonly #parts: QuarantineParts
  readonly #networks = new Map<string, Looked>()
  #lookedAt = -Infinity

  constructor(parts: QuarantineParts) {
    this.#parts = parts
  }

  /** To be called often; resolves to the keys it freed. */
  async sweep(): Promise<readonly string[]> {
    const { clock, config, writer } = this.#parts
    if (clock.monotonic() - this.#lookedAt >= config.quarantine / 2) {
      await this.#look()
      this.#lookedAt = clock.monotonic()
    }
    const freed: string[] = []
    for (const { watched } of this.#networks.values()) {
      for (const [key, one] of watched) {
        if (clock.monotonic() - one.since < config.quarantine) continue
        watched.delete(key)
        if ((await writer.remove(one)) !== null) freed.push(one.key)
      }
    }
    return freed
  }

  async #look(): Promise<void> {
    const { store, view } = this.#parts
    const digests = new Map<string, CollectionDigest>()
    for (const digest of (await store.digests()).collections) {
      const network = networkOf(digest.collection)
      if (network !== undefined) digests.set(network, digest)
    }
    for (const network of [...this.#networks.keys()]) {
      if (!digests.has(network)) this.#networks.delete(network)
    }
    const changed = [...digests].filter(([network, digest]) => {
      const before = this.#networks.get(network)
      const wasRemoved = !view.networks.has(network)
      return !before || !sameAs(before, { digest, wasRemoved })
    })
    for (const some of chunks(changed, networksPerCall)) await this.#read(some)
  }

  async #read(
    networks: readonly (readonly [network: string, CollectionDigest])[],
  ): Promise<void> {
    const { store, view, log, clock } = this.#parts
    const collections = networks.map(([network]) => keys.addresses(network))
    const { entries } = await store.snapshot(collections)
    const tables = readTables(entries, log)
    for (const [network, digest] of networks) {
      const before = this.#networks.get(network)?.watched
      const wasRemoved = !view.networks.has(network)
      const watched = new Map<string, Watched>()
      for (const [address, { value, version }] of tables.address.of(network)) {
        if (value.released === undefined && !wasRemoved) continue
        const key = keys.address(network, address)
        const known = before?.get(key)
        const since =
          known?.version === version ? known.since : clock.monotonic()
        watched.set(key, { key, version, since })
      }
      this.#networks.set(network, { digest, wasRemoved, watched })
    }
  }
}

/** Undefined when it holds no claims. */
function networkOf(collection: string): string | undefined {
  const prefix = keys.addresses('')
  return collection.startsWith(prefix)
    ? collection.slice(prefix.length)
    : undefined
}

/** What was read then is still so. */
function sameAs(
  a: Pick<Looked, 'digest' | 'wasRemoved'>,
  b: Pick<Looked, 'digest' | 'wasRemoved'>,
): boolean {
  return (
    a.wasRemoved === b.wasRemoved &&
    a.digest.count === b.digest.count &&
    a.digest.versions === b.digest.versions
  )
}
