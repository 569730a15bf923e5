import { errors, isOvertapError } from '../base/errors.js'
import type { ClusterView, Versioned } from '../store/cluster-view.js'
import type { Network } from '../store/records.js'

/**
 * Finds a network by its name, its id, or the beginning of its id, in this
 * order, as Docker does. Throws NETWORK_NOT_FOUND or NETWORK_AMBIGUOUS.
 */
export function findNetwork(
  view: ClusterView,
  reference: string,
): Versioned<Network> {
  const exact = view.networkByName(reference) ?? view.networks.get(reference)
  if (exact !== undefined) return exact
  const matches = reference === '' ? [] : withPrefix(view, reference)
  const [only, second] = matches
  if (only === undefined) throw errors.NETWORK_NOT_FOUND(reference)
  if (second === undefined) return only
  throw errors.NETWORK_AMBIGUOUS(
    reference,
    matches.map(({ value }) => `${value.name} (${value.id.slice(0, 12)})`),
  )
}

/** The one that is asked for, or all. */
export function networksAsked(
  view: ClusterView,
  reference: string | undefined,
): Network[] {
  if (reference !== undefined) return [findNetwork(view, reference).value]
  return [...view.networks.values()].map(({ value }) => value)
}

/** Like `findNetwork`, but one that was created a moment ago is waited for. */
export async function findNetworkNow(
  view: ClusterView,
  catchUp: () => Promise<void>,
  reference: string,
): Promise<Versioned<Network>> {
  try {
    return findNetwork(view, reference)
  } catch (error) {
    if (!isOvertapError(error, 'NETWORK_NOT_FOUND')) throw error
    await catchUp()
    return findNetwork(view, reference)
  }
}

function withPrefix(
  { networks }: ClusterView,
  prefix: string,
): Versioned<Network>[] {
  return [...networks.values()].filter(({ value }) =>
    value.id.startsWith(prefix),
  )
}
