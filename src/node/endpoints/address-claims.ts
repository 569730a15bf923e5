import { errors } from '../../base/errors.js'
import type { AddressHolder } from '../../base/error-table/network-errors.js'
import { candidates, staticAddress } from '../../ipam/addresses.js'
import { withPrefix } from '../../net/cidr.js'
import type { Versioned } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Network, Subnet } from '../../store/records.js'
import type { Claim } from '../attachments.js'
import type { Undo } from '../undo.js'
import { release } from './address-release.js'
import type { EndpointParts } from './parts.js'
import { takeBack, takeOldest } from './released-addresses.js'

/** Keys in the first call and in those after it: each is looked up in the store. */
const firstChunk = 64
const chunkSize = 256

export interface ClaimedAddress {
  /** With prefix length. */
  readonly address: string
  readonly claim: Claim
}

/** The container that an address is for. */
export interface AddressOwner {
  readonly host: string
  /** Endpoint's id. */
  readonly endpoint: string
  readonly name: string
}

export type ClaimParts = Pick<
  EndpointParts,
  'view' | 'writer' | 'addresses'
> & {
  readonly config: Pick<EndpointParts['config'], 'quarantine'>
}

/** One family of a network for one container. */
export interface ClaimOrder {
  readonly network: Network
  /** Of one family. */
  readonly subnets: readonly Subnet[]
  readonly owner: AddressOwner
}

/**
 * Takes one address of each family the network has, IPv4 first: `ip` if given,
 * for its family, and else the container's last one or the next free one.
 * ADDRESS_INVALID, ADDRESS_IN_USE, ADDRESSES_EXHAUSTED, STORE_SETTLING.
 */
export async function claimAddresses(
  parts: ClaimParts,
  network: Network,
  owner: AddressOwner,
  ip: string | undefined,
  undo: Undo,
): Promise<ClaimedAddress[]> {
  parts.writer.requireSettled()
  const wanted = ip === undefined ? null : staticAddress(ip, network.subnets)
  const claimed: ClaimedAddress[] = []
  for (const subnets of byFamily(network.subnets)) {
    const order = { network, subnets, owner }
    const mine = wanted !== null && subnets.includes(wanted.subnet)
    const one = await claimAddress(parts, order, mine ? wanted : null)
    undo('release the address', () =>
      release(parts, network.id, [one.claim], owner),
    )
    claimed.push(one)
  }
  return claimed
}

/** One address: that one, or the container's last one or the next free one. */
export function claimAddress(
  parts: ClaimParts,
  order: ClaimOrder,
  wanted: { readonly address: string; readonly subnet: Subnet } | null,
): Promise<ClaimedAddress> {
  return wanted === null
    ? claimNext(parts, order)
    : claimStatic(parts, order, wanted)
}

function byFamily(subnets: readonly Subnet[]): Subnet[][] {
  const isV6 = ({ subnet }: Subnet) => subnet.includes(':')
  return [
    subnets.filter((subnet) => !isV6(subnet)),
    subnets.filter(isV6),
  ].filter(({ length }) => length > 0)
}

async function claimStatic(
  { view, writer }: ClaimParts,
  { network, owner }: ClaimOrder,
  { address, subnet }: { readonly address: string; readonly subnet: Subnet },
): Promise<ClaimedAddress> {
  const key = keys.address(network.id, address)
  const value: AddressClaim = { ...owner, outOfTurn: true }
  const claimed = (version: number): ClaimedAddress => ({
    address: withPrefix(address, subnet.subnet),
    claim: { key, version },
  })
  const taken = await writer.claimFirst([key], value)
  if (taken !== null) return claimed(taken.revision)
  await writer.catchUp()
  const present = view.addresses(network.id).get(address)
  const endpoints = view.endpoints(network.id)
  if (present !== undefined && isOwn(present.value, owner, endpoints)) {
    const { version } = present
    const revision = await writer.replace({ key, version }, value)
    if (revision !== null) return claimed(revision)
  }
  throw errors.ADDRESS_IN_USE(address, present && holder(present, endpoints))
}

/**
 * Its own claim, that of an attempt to connect it which came to nothing, or the
 * address it gave back. A container that is connected keeps its address, also
 * from one of the same name.
 */
function isOwn(
  { released, endpoint, host, name }: AddressClaim,
  owner: AddressOwner,
  endpoints: ReadonlyMap<string, unknown>,
): boolean {
  if (released !== undefined) return released.name === owner.name
  if (endpoint === owner.endpoint) return true
  const isSame = host === owner.host && name === owner.name
  return isSame && !endpoints.has(endpoint)
}

function holder(
  { value: { endpoint: id, host, name, released } }: Versioned<AddressClaim>,
  endpoints: ReadonlyMap<string, Versioned<{ readonly name: string }>>,
): AddressHolder {
  const unnamed = 'a container'
  if (released !== undefined) {
    return { lastEndpoint: released.name || unnamed, host }
  }
  return { endpoint: endpoints.get(id)?.value.name ?? name ?? unnamed, host }
}

/**
 * Addresses that the view has taken are not asked for. The view may be behind
 * the store, so that with none left it is brought up to date once.
 */
async function claimNext(
  parts: ClaimParts,
  order: ClaimOrder,
): Promise<ClaimedAddress> {
  const early = (await takeBack(parts, order)) ?? (await takeFree(parts, order))
  if (early !== null) return early
  await parts.writer.catchUp()
  const late =
    (await takeFree(parts, order)) ?? (await takeOldest(parts, order))
  if (late !== null) return late
  const { network, subnets } = order
  throw errors.ADDRESSES_EXHAUSTED(
    network.name,
    subnets.map(({ subnet }) => subnet),
  )
}

async function takeFree(
  { view, writer, addresses: index }: ClaimParts,
  { network, subnets, owner }: ClaimOrder,
): Promise<ClaimedAddress | null> {
  for (const subnet of subnets) {
    const taken = view.addresses(network.id)
    const after = index.lastGiven(network.id, subnet, subnets)
    for (const addresses of chunks(free(subnet, after, taken))) {
      const byKey = new Map(
        addresses.map((address) => [
          keys.address(network.id, address),
          address,
        ]),
      )
      const result = await writer.claimFirst([...byKey.keys()], { ...owner })
      const address = result && byKey.get(result.key)
      if (!address) continue
      index.given(network.id, subnet, address, result.revision)
      const claim = { key: result.key, version: result.revision }
      return { address: withPrefix(address, subnet.subnet), claim }
    }
  }
  return null
}

function* free(
  subnet: Subnet,
  after: string | undefined,
  taken: ReadonlyMap<string, unknown>,
): Generator<string, void> {
  for (const address of candidates(subnet, after)) {
    if (!taken.has(address)) yield address
  }
}

function* chunks(addresses: Iterable<string>): Generator<string[], void> {
  let size = firstChunk
  let chunk: string[] = []
  for (const address of addresses) {
    chunk.push(address)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
    size = chunkSize
  }
  if (chunk.length > 0) yield chunk
}
