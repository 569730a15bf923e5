import { keys } from '../../store/records.js'
import type { Endpoint, Network } from '../../store/records.js'
import type { Standing } from '../ownership/own-records.js'
import { isLater } from '../ownership/restoration.js'
import { release } from './address-release.js'
import type { EndpointParts } from './parts.js'

/** An endpoint of this host that nobody here has attached. */
export interface Leftover {
  readonly endpoint: Endpoint
  readonly network: Network
  readonly standing: Standing
}

/**
 * What an earlier daemon of this host had: by the journal, and where that was
 * lost, by the records in the store.
 */
export function leftovers(
  { view, own, config, attachments }: EndpointParts,
  isBusy: (endpointId: string) => boolean,
): Leftover[] {
  const found = new Map<string, Leftover>()
  for (const { value: network } of view.networks.values()) {
    for (const { value: endpoint } of view.endpoints(network.id).values()) {
      if (endpoint.host !== config.host) continue
      found.set(endpoint.id, { endpoint, network, standing: 'attached' })
    }
  }
  for (const { endpoint, standing } of own.endpoints()) {
    const network =
      view.networks.get(endpoint.network)?.value ??
      own.network(endpoint.network)
    if (network) found.set(endpoint.id, { endpoint, network, standing })
  }
  return [...found.values()]
    .filter(
      ({ endpoint: { id } }) =>
        attachments.get(id) === undefined && !isBusy(id),
    )
    .sort((one, other) => byRight(one.endpoint, other.endpoint, own))
}

/**
 * Of two with the same TAP the first gets it: what the journal knows comes
 * before what only the store has, which an old copy may have brought back.
 */
function byRight(
  one: Endpoint,
  other: Endpoint,
  own: EndpointParts['own'],
): number {
  const known = Number(own.has(other)) - Number(own.has(one))
  if (known !== 0) return known
  return isLater(one, other) ? -1 : 1
}

/** For when something else was done since the list was made. */
export function isStillLeft(
  endpoint: Endpoint,
  { view, own, attachments }: EndpointParts,
  isBusy: (endpointId: string) => boolean,
): boolean {
  const { id, network } = endpoint
  const known = own.has(endpoint) || view.endpoints(network).has(id)
  return known && attachments.get(id) === undefined && !isBusy(id)
}

/** Addresses in this host's name that belong to no container of it. */
export async function releaseUnused(
  parts: EndpointParts,
  isBusy: (endpointId: string) => boolean,
): Promise<void> {
  const { view, config, attachments } = parts
  for (const network of [...view.networks.keys()]) {
    for (const [address, { value, version }] of [...view.addresses(network)]) {
      const { host, endpoint, released } = value
      const inUse = attachments.get(endpoint) ?? isBusy(endpoint)
      if (host !== config.host || released || inUse) continue
      const key = keys.address(network, address)
      await release(parts, network, [{ key, version }], value)
    }
  }
}
