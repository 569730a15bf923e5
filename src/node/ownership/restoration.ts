import { isDeepStrictEqual } from 'node:util'
import { addressOf } from '../../net/cidr.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Endpoint } from '../../store/records.js'
import type { Guard, Json } from '../../store/store.js'
import type { PresentRecords } from './present-records.js'

export type Puts = { readonly key: string; readonly value: Json }[]

/** Guarded by what was seen. */
export interface GuardedWrites {
  readonly guards: readonly Guard[]
  readonly puts: Puts
  /** Keys of what somebody left who has lost his right to it. */
  readonly deletes: readonly string[]
}

/** What has to be written so that an endpoint is in the store as it should be. */
export interface Restoration {
  readonly commit: GuardedWrites
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
  const stale = new Set<string>()
  for (const address of endpoint.addresses.map(addressOf)) {
    const key = keys.address(endpoint.network, address)
    const claimant = claimantOf(address, endpoint, present)
    if (claimant !== undefined) {
      if (!isOutdated(claimant, endpoint, present)) {
        const holder = `${claimant.name} on ${claimant.host}`
        return { rival: { what: address, holder } }
      }
      stale.add(keys.endpoint(endpoint.network, claimant.id))
    }
    claims.push(key)
    guards.push(guard(key, present))
    const claim = claimOn(address, endpoint, present)
    if (!isClaimOf(endpoint, claim))
      puts.push({ key, value: claimOf(endpoint) })
  }
  guards.push(...[...stale].map((other) => guard(other, present)))
  const key = keys.endpoint(endpoint.network, endpoint.id)
  const recorded = endpointOf(endpoint, endpoint.id, present)
  if (!isDeepStrictEqual(recorded, endpoint)) {
    guards.push(guard(key, present))
    puts.push({ key, value: endpoint })
  }
  return { commit: { guards, puts, deletes: [...stale] }, claims }
}

/** That a record is as it was seen. */
export function guard(key: string, present: PresentRecords): Guard {
  return { key, version: present.version(key) }
}

/**
 * Another endpoint whose address it is. A claim without an endpoint is of one
 * that is being connected just now, or of a host that was given up: it gives way.
 */
function claimantOf(
  address: string,
  endpoint: Endpoint,
  present: PresentRecords,
): Endpoint | undefined {
  const claim = claimOn(address, endpoint, present)
  if (claim === undefined || claim.released || isClaimOf(endpoint, claim))
    return undefined
  return endpointOf(endpoint, claim.endpoint, present)
}

/**
 * Who has an address keeps it: it was free when it was given. Only in a store
 * that lost its data what is there proves nothing: while it settles the endpoint
 * that was connected later has the address. It was given it when it was free,
 * so the earlier one had lost it (an old copy does not know that). Of two
 * equally old ones, the one with the smaller id.
 */
function isOutdated(
  other: Endpoint,
  endpoint: Endpoint,
  { snapshot }: PresentRecords,
): boolean {
  return snapshot.settlesInMs > 0 && isLater(endpoint, other)
}

interface Dated {
  readonly createdAt: string
  readonly id: string
}

/** Which of two, of which only one can be right, was made later. */
export function isLater(one: Dated, other: Dated): boolean {
  const age = Date.parse(one.createdAt) - Date.parse(other.createdAt)
  return age === 0 ? one.id < other.id : age > 0
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
