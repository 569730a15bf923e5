type Options = Readonly<Record<string, string>>

/** `-o` and `--ipam-opt` by which a network of the cluster is meant. */
const key = 'overtap.gid'

/** A network that is there already. */
export function networkOption(options: Options): string | undefined {
  const value = options[key]
  return value === '' ? undefined : value
}

/** Those that are the network's own. */
export function withoutNetworkOption(options: Options): Options {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => name !== key),
  )
}
