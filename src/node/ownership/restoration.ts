import { isDeepStrictEqual } from 'node:util'
import { addressOf } from '../../net/cidr.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Endpoint, Network } from '../../store/records.js'
import type { Guard, Json } from '../../store/store.js'
import type { PresentRecords } from './present-records.js'

type Puts = { readonly key: string; readonly value: Json }[]

/** Guarded by what was seen. */
interface GuardedPuts {
  readonly guards: readonly Guard[]
  readonly puts: Puts
}

/** What has to be written so that an endpoint is in the store as it should be. */
export interface Restoration {
  readonly commit: GuardedPuts
  /** Keys of its address records, written now or there already. */
  readonly claims: readonly string[]
}

/** Somebody who may keep what this host thought to be its own. */
export interface Rival {
  /** The address, or what else there cannot be two of. */
  readonly what: string
  readonly holder: string
}

export type Verdict = Restoration | { readonly rival: Rival }

/**
 * Compares an endpoint of this host with what is in the store. Every write is
 * guarded by what was seen, so that nothing is overwritten unseen.
 */
export function restoreEndpoint(
  endpoint: Endpoint,
  present: PresentRecords,
): Verdict {
  const networkKey = keys.network(endpoint.network)
  const guards: Guard[] = [guard(networkKey, present)]
  const puts: Puts = []
  const claims: string[] = []
  for (const address of endpoint.addresses.map(addressOf)) {
    const key = keys.address(endpoint.network, address)
    const rival = rivalFor(address, endpoint, present)
    if (rival !== undefined) return { rival }
    claims.push(key)
    guards.push(guard(key, present))
    const claim = claimOn(address, endpoint, present)
    if (!isClaimOf(endpoint, claim))
      puts.push({ key, value: claimOf(endpoint) })
  }
  const key = keys.endpoint(endpoint.network, endpoint.id)
  const recorded = endpointOf(endpoint, endpoint.id, present)
  if (!isDeepStrictEqual(recorded, endpoint)) {
    guards.push(guard(key, present))
    puts.push({ key, value: endpoint })
  }
  return { commit: { guards, puts }, claims }
}

/**
 * A network that containers of this host are on is written again as it was.
 * Not when its name or its VNI went to another one meanwhile. Null: it is there.
 */
export function restoreNetwork(
  network: Network,
  present: PresentRecords,
): Verdict | null {
  const { id, name, vni } = network
  const key = keys.network(id)
  const nameKey = keys.networkName(name)
  const { network: networks, 'network-name': names } = present.tables
  const recorded = networks.get(id)?.value
  if (recorded && names.get(name)?.value.network === id) return null
  const other = [...networks.values()]
    .map(({ value }) => value)
    .find((one) => one.id !== id && (one.vni === vni || one.name === name))
  if (other !== undefined) {
    const what = other.name === name ? `the name ${name}` : `VNI ${vni}`
    return { rival: { what, holder: `network ${other.id.slice(0, 12)}` } }
  }
  const allocation = present.tables.allocation.get('networks')?.value
  const puts: Puts = [
    { key, value: recorded ?? network },
    { key: nameKey, value: { network: id } },
  ]
  // Every creation is guarded by it: one that has not seen this must conflict.
  if (allocation) puts.push({ key: keys.allocation, value: allocation })
  const guards = puts.map((put) => guard(put.key, present))
  return { commit: { guards, puts }, claims: [] }
}

function guard(key: string, present: PresentRecords): Guard {
  return { key, version: present.version(key) }
}

/**
 * Who has an address keeps it: it was free when it was given. Only while a store
 * that lost its data settles, when both say from their journals that it is
 * theirs, the older endpoint has it; of two equally old ones, that with the
 * smaller id. A claim without an endpoint is of one that is being connected
 * just now, or of a host that was given up: it gives way.
 */
function rivalFor(
  address: string,
  endpoint: Endpoint,
  present: PresentRecords,
): Rival | undefined {
  const claim = claimOn(address, endpoint, present)
  if (claim === undefined || claim.released || isClaimOf(endpoint, claim))
    return
  const other = endpointOf(endpoint, claim.endpoint, present)
  if (other === undefined) return
  const settling = present.snapshot.settlesInMs > 0
  if (settling && seniority(endpoint, other) < 0) return
  return { what: address, holder: `${other.name} on ${other.host}` }
}

/** Negative when the first is older. */
function seniority(a: Endpoint, b: Endpoint): number {
  const age = Date.parse(a.createdAt) - Date.parse(b.createdAt)
  return age === 0 ? (a.id < b.id ? -1 : 1) : age
}

function claimOn(
  address: string,
  { network }: Endpoint,
  { tables }: PresentRecords,
): AddressClaim | undefined {
  return tables.address.of(network).get(address)?.value
}

function endpointOf(
  { network }: Endpoint,
  id: string,
  { tables }: PresentRecords,
): Endpoint | undefined {
  return tables.endpoint.of(network).get(id)?.value
}

function claimOf({ host, id, name }: Endpoint): AddressClaim {
  return { host, endpoint: id, name }
}

/** Whether an address record gives it to this endpoint. */
export function isClaimOf(
  { id, host }: Endpoint,
  claim: AddressClaim | undefined,
): boolean {
  const same = claim?.endpoint === id && claim.host === host
  return same && claim.released === undefined
}
