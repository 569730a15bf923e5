import { chunks } from '../base/chunks.js'
import { errors } from '../base/errors.js'
import { coreCollections, rowCollections } from './records.js'
import type { Entry, Revision, Snapshot, Store } from './store.js'

/** Networks whose rows are read in one call, so that no call takes long. */
export const networksPerCall = 16

/** What every daemon has, at one revision, and rows of networks from later ones. */
export interface HeldSnapshot extends Snapshot {
  /** By network, at which revision its rows were read. */
  readonly rowsAt: ReadonlyMap<string, Revision>
}

/**
 * Reads all that a copy holds. STORE_UNAVAILABLE; STORE_REPLACED when the store
 * lost data meanwhile.
 */
export async function snapshotHeld(
  store: Store,
  networks: readonly string[],
): Promise<HeldSnapshot> {
  const core = await store.snapshot(coreCollections)
  const entries: Entry[] = [...core.entries]
  const rowsAt = new Map<string, Revision>()
  for (const some of chunks(networks, networksPerCall)) {
    const rows = await store.snapshot(some.flatMap(rowCollections))
    const continues =
      rows.epoch === core.epoch && rows.revision >= core.revision
    if (!continues) throw errors.STORE_REPLACED(core.revision)
    for (const entry of rows.entries) entries.push(entry)
    for (const network of some) rowsAt.set(network, rows.revision)
  }
  return { ...core, entries, rowsAt }
}
