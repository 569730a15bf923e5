import type { ClusterView } from '../store/cluster-view.js'

/**
 * The host's routes without those that lead into networks of ours: a host that
 * is itself connected to one must not keep its subnet occupied for ever.
 */
export function foreignPrefixes(
  prefixes: readonly string[],
  view: ClusterView,
): string[] {
  const ours = new Set(
    [...view.networks.values()].flatMap(({ value }) =>
      value.subnets.map(({ subnet }) => subnet),
    ),
  )
  return prefixes.filter((prefix) => !ours.has(prefix))
}
