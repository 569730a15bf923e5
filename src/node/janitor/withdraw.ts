import { isOvertapError } from '../../base/errors.js'
import type { ClusterView } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { Revision, Store } from '../../store/store.js'
import { releaseClaimsOf } from '../endpoints/address-release.js'
import type { RecordWriter } from '../record-writer.js'
import type { HostSign } from './host-watch.js'

export interface WithdrawParts {
  readonly store: Store
  readonly view: ClusterView
  readonly writer: RecordWriter
  readonly config: { readonly quarantine: number }
}

/** Records deleted in one commit. */
const chunkSize = 64

interface Found {
  readonly key: string
  readonly version: Revision
}

/**
 * Deletes the endpoints of a host that is dead, so that nobody sends to it or
 * is told its names; its addresses stay its own. Resolves to how many there
 * were. One that comes back writes them again.
 */
export async function withdrawEndpoints(
  host: string,
  { view, writer }: WithdrawParts,
): Promise<number> {
  const found = endpointsOf(host, view)
  for (let at = 0; at < found.length; at += chunkSize) {
    await remove(found.slice(at, at + chunkSize), writer)
  }
  return found.length
}

/** Forgets a host: endpoints, addresses, its record, its lease. */
export async function freeHost(
  { host, lease }: HostSign,
  parts: WithdrawParts,
): Promise<number> {
  const { view, writer, store } = parts
  await withdrawEndpoints(host, parts)
  const addresses = await releaseClaimsOf(host, parts)
  const record = view.hosts.get(host)
  if (record) {
    await writer.remove({ key: keys.host(host), version: record.version })
  }
  // Last: until then the next turn does again what was left undone.
  if (lease) await store.release({ host, fence: lease.fence })
  return addresses
}

function endpointsOf(host: string, view: ClusterView): Found[] {
  return [...view.networks.keys()].flatMap((network) =>
    [...view.endpoints(network)]
      .filter(([, { value }]) => value.host === host)
      .map(([id, { version }]) => ({
        key: keys.endpoint(network, id),
        version,
      })),
  )
}

/** What was changed meanwhile is looked at again in the next turn. */
async function remove(
  found: readonly Found[],
  writer: RecordWriter,
): Promise<void> {
  try {
    await writer.commit({
      guards: found,
      deletes: found.map(({ key }) => key),
    })
  } catch (error) {
    if (!isOvertapError(error, 'STORE_CONFLICT')) throw error
  }
}
