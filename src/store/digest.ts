import type { CollectionDigest, Revision } from './store.js'

type Digest = Omit<CollectionDigest, 'collection'>

export function digestOf(
  records: ReadonlyMap<string, { readonly version: Revision }>,
): Digest {
  let versions = 0
  for (const { version } of records.values()) versions += version
  return { count: records.size, versions }
}

/** Digests by collection; a collection without records has none. */
export class DigestTable {
  readonly #digests = new Map<string, Digest>()

  constructor(digests: Iterable<CollectionDigest> = []) {
    for (const digest of digests) this.add(digest)
  }

  add({ collection, count, versions }: CollectionDigest): void {
    const before = this.#digests.get(collection)
    this.#digests.set(collection, {
      count: count + (before?.count ?? 0),
      versions: versions + (before?.versions ?? 0),
    })
  }

  /** Names of the collections in which the two differ. */
  differences(other: DigestTable): string[] {
    const names = new Set([...this.#digests.keys(), ...other.#digests.keys()])
    return [...names].filter((name) => {
      const [one, two] = [this.#get(name), other.#get(name)]
      return one.count !== two.count || one.versions !== two.versions
    })
  }

  #get(collection: string): Digest {
    return this.#digests.get(collection) ?? { count: 0, versions: 0 }
  }
}
