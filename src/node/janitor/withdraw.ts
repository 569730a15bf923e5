import { isOvertapError } from '../../base/errors.js'
import { chunks } from '../../base/chunks.js'
import type { ClusterView } from '../../store/cluster-view.js'
import { splitKey } from '../../store/keys.js'
import { keys, type Network } from '../../store/records.js'
import type { Revision, Store } from '../../store/store.js'
import { releaseClaimsOf } from '../endpoints/address-release.js'
import type { RecordWriter } from '../record-writer.js'
import type { Rows } from '../rows.js'
import type { HostSign } from './host-watch.js'

export interface WithdrawParts {
  readonly store: Store
  readonly view: ClusterView
  readonly rows: Rows
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
  parts: WithdrawParts,
): Promise<number> {
  const memberships = await membershipsOf(host, parts.store)
  return withdraw(host, memberships, parts)
}

/** Forgets a host: endpoints, addresses, its record, its lease. */
export async function freeHost(
  { host, lease }: HostSign,
  parts: WithdrawParts,
): Promise<number> {
  const { view, writer, store } = parts
  const memberships = await membershipsOf(host, store)
  await withdraw(host, memberships, parts)
  const networks = networksOf(memberships, view)
  const addresses = await releaseClaimsOf(host, networks, parts)
  await removeAll(memberships, writer)
  const record = view.hosts.get(host)
  if (record) {
    await writer.remove({ key: keys.host(host), version: record.version })
  }
  // Last: until then the next turn does again what was left undone.
  if (lease) await store.release({ host, fence: lease.fence })
  return addresses
}

/** Records that say which networks a host was on. */
async function membershipsOf(host: string, store: Store): Promise<Found[]> {
  const { entries } = await store.snapshot([keys.members(host)])
  return entries.map(({ key, version }) => ({ key, version }))
}

/** Those that are still there. */
function networksOf(
  memberships: readonly Found[],
  { networks }: ClusterView,
): Network[] {
  return memberships.flatMap(
    ({ key }) => networks.get(splitKey(key).id)?.value ?? [],
  )
}

async function withdraw(
  host: string,
  memberships: readonly Found[],
  { view, rows, writer }: WithdrawParts,
): Promise<number> {
  const found: Found[] = []
  const networks = networksOf(memberships, view)
  for await (const [network, some] of rows.ofEach(networks)) {
    for (const [id, { value, version }] of some.endpoints(network.id)) {
      if (value.host !== host) continue
      found.push({ key: keys.endpoint(network.id, id), version })
    }
  }
  await removeAll(found, writer)
  return found.length
}

/** What was changed meanwhile is looked at again in the next turn. */
async function removeAll(
  found: readonly Found[],
  writer: RecordWriter,
): Promise<void> {
  for (const some of chunks(found, chunkSize)) {
    try {
      await writer.commit({
        guards: some,
        deletes: some.map(({ key }) => key),
      })
    } catch (error) {
      if (!isOvertapError(error, 'STORE_CONFLICT')) throw error
    }
  }
}
