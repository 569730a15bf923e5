import { NetworkDirectory } from '../slowpath/directory.js'
import type { ClusterView, RecordChange } from '../store/cluster-view.js'
import type { Network } from '../store/records.js'
import { readOptions } from './network-options.js'

/**
 * A directory for each network somebody has asked about, kept equal to the
 * records from then on.
 */
export class Directories {
  readonly #view: ClusterView
  readonly #byNetwork = new Map<string, NetworkDirectory>()

  constructor(view: ClusterView) {
    this.#view = view
  }

  of(network: Network): NetworkDirectory {
    const present = this.#byNetwork.get(network.id)
    if (present !== undefined) return present
    const { peers } = readOptions(network.options, 0)
    const directory = new NetworkDirectory(
      network,
      peers.length > 0 ? 'flood' : 'drop',
    )
    for (const { value } of this.#view.endpoints(network.id).values()) {
      directory.putEndpoint(value)
    }
    this.#byNetwork.set(network.id, directory)
    return directory
  }

  apply(changes: readonly RecordChange[]): void {
    for (const change of changes) {
      if (change.kind === 'network' && change.after === undefined) {
        this.#byNetwork.delete(change.id)
      }
      if (change.kind !== 'endpoint') continue
      const { before, after } = change
      const directory = this.#byNetwork.get((after ?? before)?.network ?? '')
      if (after !== undefined) directory?.putEndpoint(after)
      else if (before !== undefined) directory?.removeEndpoint(before)
    }
  }
}
