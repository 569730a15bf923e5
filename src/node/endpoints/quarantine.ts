import type { Clock } from '../../base/clock.js'
import type { ClusterView } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { RecordWriter, Written } from '../record-writer.js'

export interface QuarantineParts {
  readonly view: ClusterView
  readonly writer: RecordWriter
  readonly clock: Clock
  readonly config: { readonly quarantine: number }
}

interface Watched extends Written {
  /** When this version was first seen, by `clock.monotonic`. */
  readonly since: number
}

/**
 * Frees the addresses whose quarantine is over, and in the same time those of
 * removed networks: a daemon that ended between its claim and its container's
 * record may have left them. The time counts from when this
 * daemon first saw that an address was given back: clocks of hosts are not
 * compared, and one that is set changes nothing. A new janitor begins anew, so
 * that a quarantine may be longer than asked, never shorter.
 */
export class Quarantine {
  readonly #parts: QuarantineParts
  #watched = new Map<string, Watched>()

  constructor(parts: QuarantineParts) {
    this.#parts = parts
  }

  /** Looks at what is in quarantine now; resolves to the keys it freed. */
  async sweep(): Promise<readonly string[]> {
    const { clock, config, writer } = this.#parts
    this.#look()
    const now = clock.monotonic()
    const freed: string[] = []
    for (const one of this.#watched.values()) {
      if (now - one.since < config.quarantine) continue
      if ((await writer.remove(one)) !== null) freed.push(one.key)
    }
    return freed
  }

  #look(): void {
    const before = this.#watched
    this.#watched = new Map()
    for (const { key, version } of this.#released()) {
      const known = before.get(key)
      const since =
        known?.version === version ? known.since : this.#parts.clock.monotonic()
      this.#watched.set(key, { key, version, since })
    }
  }

  *#released(): Iterable<Written> {
    const { view } = this.#parts
    for (const network of view.networksWithAddresses()) {
      const removed = !view.networks.has(network)
      for (const [address, { value, version }] of view.addresses(network)) {
        if (value.released === undefined && !removed) continue
        yield { key: keys.address(network, address), version }
      }
    }
  }
}
