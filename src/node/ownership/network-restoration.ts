import { cidrsOverlap } from '../../net/cidr.js'
import { keys, type Network } from '../../store/records.js'
import type { PresentRecords } from './present-records.js'
import { guard, isLater } from './restoration.js'
import type { GuardedWrites, Puts, Rival } from './restoration.js'

export type NetworkVerdict =
  /** Written together with the deletion of `replaced`, networks out of date. */
  | { readonly writes: GuardedWrites; readonly replaced: readonly Network[] }
  | { readonly rival: Rival }

/**
 * A network that containers of this host are on is written again as it was.
 * Not when its name or its VNI went to another one meanwhile, unless that one
 * is out of date. Null: it is there.
 */
export function restoreNetwork(
  network: Network,
  present: PresentRecords,
): NetworkVerdict | null {
  const { id, name, vni } = network
  const key = keys.network(id)
  const nameKey = keys.networkName(name)
  const { network: networks, 'network-name': names } = present.tables
  const recorded = networks.get(id)?.value
  const others = [...networks.values()]
    .map(({ value }) => value)
    .filter((one) => one.id !== id && !areCompatible(one, network))
  const replaced = others.filter((one) => isOutdated(one, network, present))
  const rival = others.find(
    (one) => !replaced.includes(one) && (one.name === name || one.vni === vni),
  )
  const isThere = recorded && names.get(name)?.value.network === id
  if (isThere && replaced.length === 0) return null
  if (rival !== undefined) {
    if (isThere) return null
    const what = rival.name === name ? `the name ${name}` : `VNI ${vni}`
    return { rival: { what, holder: `network ${rival.id.slice(0, 12)}` } }
  }
  const allocation = present.tables.allocation.get('networks')?.value
  const puts: Puts = [
    { key, value: recorded ?? network },
    { key: nameKey, value: { network: id } },
  ]
  // Every creation is guarded by it: one that has not seen this must conflict.
  if (allocation) puts.push({ key: keys.allocation, value: allocation })
  const guarded = new Set([
    ...puts.map((put) => put.key),
    ...replaced.map((one) => keys.network(one.id)),
  ])
  const guards = [...guarded].map((one) => guard(one, present))
  return { writes: { guards, puts, deletes: [] }, replaced }
}

/** No two networks at one time have a name, a VNI or an address in common. */
function areCompatible(a: Network, b: Network): boolean {
  const overlap = a.subnets.some((one) =>
    b.subnets.some((other) => cidrsOverlap(one.subnet, other.subnet)),
  )
  return a.name !== b.name && a.vni !== b.vni && !overlap
}

/**
 * While a store that lost its data settles, of two networks that exclude each
 * other the one that was made later is right: it could be made only when the
 * earlier one was gone, which an old copy does not know.
 */
function isOutdated(
  other: Network,
  network: Network,
  { snapshot }: PresentRecords,
): boolean {
  return snapshot.settlesInMs > 0 && isLater(network, other)
}
