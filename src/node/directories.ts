import { addressOf } from '../net/cidr.js'
import { NetworkDirectory } from '../slowpath/directory.js'
import type { DirectoryEndpoint } from '../slowpath/directory.js'
import type { ClusterView, RecordChange } from '../store/cluster-view.js'
import type { Endpoint, Network } from '../store/records.js'
import { readOptions } from './network-options.js'

/** An address that is behind another MAC, on another host or another TAP now. */
export interface Move {
  readonly networkId: string
  readonly ip: string
  readonly from: DirectoryEndpoint
  readonly to: DirectoryEndpoint
}

/**
 * A directory for each network somebody has asked about, kept equal to the
 * records from then on.
 */
export class Directories {
  readonly #view: Pick<ClusterView, 'endpoints' | 'dnsRecords'>
  readonly #byNetwork = new Map<string, NetworkDirectory>()
  readonly #isSuspect: (host: string) => boolean

  constructor(
    view: Pick<ClusterView, 'endpoints' | 'dnsRecords'>,
    isSuspect: (host: string) => boolean = () => false,
  ) {
    this.#view = view
    this.#isSuspect = isSuspect
  }

  of(network: Network): NetworkDirectory {
    const present = this.#byNetwork.get(network.id)
    if (present !== undefined) return present
    const { peers } = readOptions(network.options, 0)
    const directory = new NetworkDirectory(
      network,
      peers.length > 0 ? 'flood' : 'drop',
      this.#isSuspect,
    )
    const endpoints = [...this.#view.endpoints(network.id).values()]
    for (const { value } of endpoints.sort((a, b) => a.version - b.version)) {
      directory.putEndpoint(value)
    }
    for (const { value } of this.#view.dnsRecords(network.id).values()) {
      directory.zone.putRecord(value)
    }
    this.#byNetwork.set(network.id, directory)
    return directory
  }

  /** Returns the addresses that are somewhere else now. */
  apply(changes: readonly RecordChange[]): readonly Move[] {
    if (this.#byNetwork.size === 0) return []
    const places = new Map<string, Place>()
    for (const change of this.#inOrder(changes)) {
      if (change.kind === 'network') this.#networkChanged(change)
      if (change.kind === 'dns') this.#applyRecord(change)
      if (change.kind === 'endpoint') this.#applyEndpoint(change, places)
    }
    return [...places.values()].flatMap(moveFrom)
  }

  #applyEndpoint(
    { before, after }: Extract<RecordChange, { kind: 'endpoint' }>,
    places: Map<string, Place>,
  ): void {
    const directory = this.#byNetwork.get((after ?? before)?.network ?? '')
    if (directory === undefined) return
    notePlaces(places, directory, before)
    notePlaces(places, directory, after)
    if (after !== undefined) directory.putEndpoint(after)
    else if (before !== undefined) directory.removeEndpoint(before)
  }

  #applyRecord({ before, after }: Extract<RecordChange, { kind: 'dns' }>) {
    const record = after ?? before
    const zone = this.#byNetwork.get(record?.network ?? '')?.zone
    if (record === undefined || zone === undefined) return
    if (after === undefined) zone.removeRecord(record)
    else zone.putRecord(record)
  }

  /** With another name it has another zone: it is made again when asked for. */
  #networkChanged({ id, after }: NetworkChange): void {
    const zone = this.#byNetwork.get(id)?.zone
    if (zone?.network !== after?.name) this.#byNetwork.delete(id)
  }

  /** As they were written: a snapshot has its records in any order. */
  #inOrder(changes: readonly RecordChange[]): readonly RecordChange[] {
    if (changes.length < 2) return changes
    const version = ({ kind, after }: RecordChange): number =>
      kind === 'endpoint' && after !== undefined
        ? (this.#view.endpoints(after.network).get(after.id)?.version ?? 0)
        : 0
    return [...changes].sort((a, b) => version(a) - version(b))
  }
}

type NetworkChange = Extract<RecordChange, { kind: 'network' }>

/** Where an address was before the changes. */
interface Place {
  readonly directory: NetworkDirectory
  readonly networkId: string
  readonly ip: string
  readonly holder: DirectoryEndpoint | undefined
}

/** Only what has not been noted: the first time is before all changes. */
function notePlaces(
  places: Map<string, Place>,
  directory: NetworkDirectory,
  endpoint: Endpoint | undefined,
): void {
  if (endpoint === undefined) return
  const { network: networkId, addresses } = endpoint
  for (const ip of addresses.map(addressOf)) {
    const key = `${networkId}/${ip}`
    if (places.has(key)) continue
    const holder = directory.holderOf(ip)
    places.set(key, { directory, networkId, ip, holder })
  }
}

/** Empty when it came, went, or is where it was. */
function moveFrom({ directory, networkId, ip, holder: from }: Place): Move[] {
  const to = directory.holderOf(ip)
  if (from === undefined || to === undefined) return []
  const stays =
    from.id === to.id && from.mac === to.mac && from.host === to.host
  return stays ? [] : [{ networkId, ip, from, to }]
}
