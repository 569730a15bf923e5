import { splitKey } from './keys.js'
import { coreCollections, rowCollections } from './records.js'
import type { Change, Revision } from './store.js'

/** What a copy does with a change of the records. */
export type Reach =
  /** It is of what the copy holds. */
  | 'held'
  /** The rows of its network are being read: it is kept until they are here. */
  | 'loading'
  /** Of rows that the copy does not hold, or that were read after it. */
  | 'elsewhere'

/** A change that came while the rows of its network were read. */
export interface Late {
  readonly change: Change
  readonly revision: Revision
}

/**
 * Which collections a copy of the records holds: those that every daemon has,
 * and the rows of some networks, each from the revision on at which it was read.
 */
export class HeldNetworks {
  /** The revision at which the rows were read. */
  readonly #since = new Map<string, Revision>()
  readonly #loading = new Map<string, Late[]>()
  /** Collections of rows -> network. */
  readonly #networks = new Map<string, string>()

  has(network: string): boolean {
    return this.#since.has(network)
  }

  /** Ids of the networks. */
  all(): string[] {
    return [...this.#since.keys()]
  }

  /** Whether a copy at this revision has just what the store has of it. */
  covers(collection: string, revision: Revision): boolean {
    if (isCore(collection)) return true
    const network = this.#networks.get(collection) ?? ''
    return (this.#since.get(network) ?? Infinity) <= revision
  }

  /** Where a change belongs; one that is `loading` is remembered. */
  place(change: Change, revision: Revision): Reach {
    const { collection } = splitKey(change.key)
    if (isCore(collection)) return 'held'
    const network = this.#networks.get(collection)
    if (network === undefined) return 'elsewhere'
    const late = this.#loading.get(network)
    if (late) {
      late.push({ change, revision })
      return 'loading'
    }
    return this.covers(collection, revision - 1) ? 'held' : 'elsewhere'
  }

  /** From here on changes of the network's rows are remembered. */
  expect(network: string): void {
    this.#loading.set(network, [])
    for (const name of rowCollections(network))
      this.#networks.set(name, network)
  }

  /** The rows are here; returns the changes that came after them. */
  add(network: string, revision: Revision): Late[] {
    const late = this.#loading.get(network) ?? []
    this.#loading.delete(network)
    for (const name of rowCollections(network))
      this.#networks.set(name, network)
    this.#since.set(network, revision)
    return late.filter((one) => one.revision > revision)
  }

  delete(network: string): void {
    this.#loading.delete(network)
    this.#since.delete(network)
    for (const name of rowCollections(network)) this.#networks.delete(name)
  }
}

function isCore(collection: string): boolean {
  return (coreCollections as readonly string[]).includes(collection)
}
