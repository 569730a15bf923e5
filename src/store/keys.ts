/** The two parts of a record's key: see `store.ts`. */
export interface KeyParts {
  readonly collection: string
  readonly id: string
}

/** Throws a TypeError for what is no key; only a bug makes one. */
export function splitKey(key: string): KeyParts {
  const slash = key.lastIndexOf('/')
  if (slash <= 0 || slash === key.length - 1) {
    throw new TypeError(`not a record key: ${JSON.stringify(key)}`)
  }
  return { collection: key.slice(0, slash), id: key.slice(slash + 1) }
}
