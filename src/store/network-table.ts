import type { Versioned } from './cluster-view.js'

/** The part of a Map that a table of records needs. */
export interface Table<T> {
  get(id: string): Versioned<T> | undefined
  set(id: string, record: Versioned<T>): unknown
  delete(id: string): unknown
  keys(): Iterable<string>
}

const none: ReadonlyMap<string, never> = new Map<string, never>()

/** Records with ids of the form `<network>/<id>`, a map for each network. */
export class NetworkTable<T> implements Table<T> {
  readonly #networks = new Map<string, Map<string, Versioned<T>>>()
  readonly #idOf: (value: T) => string | undefined

  /**
   * `idOf` reads the second part of the id from the record itself. What is cut
   * out of a key would keep the whole key in memory.
   */
  constructor(idOf: (value: T) => string | undefined = () => undefined) {
    this.#idOf = idOf
  }

  /** Those of one network, by the second part of the id. */
  of(network: string): ReadonlyMap<string, Versioned<T>> {
    return this.#networks.get(network) ?? none
  }

  get(id: string): Versioned<T> | undefined {
    const [network, own] = split(id)
    return this.#networks.get(network)?.get(own)
  }

  set(id: string, record: Versioned<T>): void {
    const [network, cut] = split(id)
    const named = this.#idOf(record.value)
    const own = named === cut ? named : cut
    const records = this.#networks.get(network)
    if (records) records.set(own, record)
    else this.#networks.set(network, new Map([[own, record]]))
  }

  delete(id: string): void {
    const [network, own] = split(id)
    const records = this.#networks.get(network)
    if (records?.delete(own) && records.size === 0) {
      this.#networks.delete(network)
    }
  }

  /** Ids of the networks that have records. */
  networks(): Iterable<string> {
    return this.#networks.keys()
  }

  *keys(): Iterable<string> {
    for (const [network, records] of this.#networks) {
      for (const own of records.keys()) yield `${network}/${own}`
    }
  }
}

function split(id: string): [network: string, own: string] {
  const slash = id.indexOf('/')
  return [id.slice(0, slash), id.slice(slash + 1)]
}
