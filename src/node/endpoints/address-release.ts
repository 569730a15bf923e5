import type { ClusterView } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Endpoint, Network } from '../../store/records.js'
import type { Claim } from '../attachments.js'
import type { RecordWriter } from '../record-writer.js'
import type { Rows } from '../rows.js'

export interface ReleaseParts {
  readonly view: ClusterView
  readonly writer: RecordWriter
  readonly config: { readonly quarantine: number }
}

/**
 * Gives addresses of a network back: into quarantine, from which their container
 * may take them at once and others when it ends. Claims that are somebody
 * else's by now, or gone, are left alone.
 */
export async function release(
  { view, writer, config }: ReleaseParts,
  networkId: string,
  claims: readonly Claim[],
  { host, endpoint, name = '' }: Omit<AddressClaim, 'released'>,
): Promise<void> {
  const network = view.networks.get(networkId)
  for (const claim of claims) {
    const quarantined =
      network !== undefined &&
      config.quarantine > 0 &&
      (await writer.replace(claim, { host, endpoint, released: { name } }, [
        { key: keys.network(networkId), version: network.version },
      ]))
    // Nothing must be left of a network that is removed at the same time.
    if (!quarantined) await writer.remove(claim)
  }
}

/** Records by which addresses are an endpoint's, as they are now. */
export function claimsOf(
  { id, network }: Endpoint,
  view: Pick<ClusterView, 'addresses'>,
): Claim[] {
  return [...view.addresses(network)]
    .filter(
      ([, { value }]) => value.endpoint === id && value.released === undefined,
    )
    .map(([address, { version }]) => ({
      key: keys.address(network, address),
      version,
    }))
}

/** Gives back all addresses of a host that does not come back; how many. */
export async function releaseClaimsOf(
  host: string,
  networks: readonly Network[],
  parts: ReleaseParts & { readonly rows: Rows },
): Promise<number> {
  let count = 0
  for await (const [{ id }, rows] of parts.rows.ofEach(networks)) {
    for (const [address, { value, version }] of [...rows.addresses(id)]) {
      if (value.host !== host || value.released !== undefined) continue
      const key = keys.address(id, address)
      await release(parts, id, [{ key, version }], value)
      count += 1
    }
  }
  return count
}
