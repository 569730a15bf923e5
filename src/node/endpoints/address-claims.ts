import { errors, isOvertapError } from '../../base/errors.js'
import { candidates, staticAddress } from '../../ipam/addresses.js'
import { withPrefix } from '../../net/cidr.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Network, Subnet } from '../../store/records.js'
import type { Claim } from '../attachments.js'
import type { Undo } from '../undo.js'
import type { EndpointParts } from './parts.js'

/** Keys per call: each is looked up inside the store. */
const chunkSize = 256

export interface ClaimedAddress {
  /** With prefix length. */
  readonly address: string
  readonly claim: Claim
}

type Parts = Pick<EndpointParts, 'view' | 'writer'>

/**
 * Takes one address of each family the network has, IPv4 first: `ip` if given,
 * for its family, and else the next free one. ADDRESS_INVALID, ADDRESS_IN_USE,
 * ADDRESSES_EXHAUSTED.
 */
export async function claimAddresses(
  parts: Parts,
  network: Network,
  owner: AddressClaim,
  ip: string | undefined,
  undo: Undo,
): Promise<ClaimedAddress[]> {
  const wanted = ip === undefined ? null : staticAddress(ip, network.subnets)
  const claimed: ClaimedAddress[] = []
  for (const subnets of byFamily(network.subnets)) {
    const mine = wanted !== null && subnets.includes(wanted.subnet)
    const one = mine
      ? await claimStatic(parts, network, owner, wanted)
      : await claimNext(parts, network, owner, subnets)
    undo('release the address', () => release(parts, [one.claim]))
    claimed.push(one)
  }
  return claimed
}

/** Claims that are somebody else's by now, or gone, are left alone. */
export async function release(
  { writer }: Pick<Parts, 'writer'>,
  claims: readonly Claim[],
): Promise<void> {
  for (const { key, version } of claims) {
    try {
      await writer.commit({ guards: [{ key, version }], deletes: [key] })
    } catch (error) {
      if (!isOvertapError(error, 'STORE_CONFLICT')) throw error
    }
  }
}

function byFamily(subnets: readonly Subnet[]): Subnet[][] {
  const isV6 = ({ subnet }: Subnet) => subnet.includes(':')
  return [
    subnets.filter((subnet) => !isV6(subnet)),
    subnets.filter(isV6),
  ].filter(({ length }) => length > 0)
}

async function claimStatic(
  { view, writer }: Parts,
  network: Network,
  owner: AddressClaim,
  { address, subnet }: { readonly address: string; readonly subnet: Subnet },
): Promise<ClaimedAddress> {
  const key = keys.address(network.id, address)
  const taken = await writer.claimFirst([key], owner)
  if (taken !== null) {
    const claim = { key, version: taken.revision }
    return { address: withPrefix(address, subnet.subnet), claim }
  }
  await writer.catchUp()
  const holder = view.addresses(network.id).get(address)?.value
  if (holder === undefined) throw errors.ADDRESS_IN_USE(address, undefined)
  const { host, endpoint: id } = holder
  const name = view.endpoints(network.id).get(id)?.value.name
  const endpoint = name ?? `a container being connected`
  throw errors.ADDRESS_IN_USE(address, { endpoint, host })
}

/**
 * Addresses that the view has taken are not asked for. The view may be behind
 * the store, so that with none left it is brought up to date once.
 */
async function claimNext(
  parts: Parts,
  network: Network,
  owner: AddressClaim,
  subnets: readonly Subnet[],
): Promise<ClaimedAddress> {
  const claimed = await tryFree(parts, network, owner, subnets)
  if (claimed !== null) return claimed
  await parts.writer.catchUp()
  const late = await tryFree(parts, network, owner, subnets)
  if (late !== null) return late
  throw errors.ADDRESSES_EXHAUSTED(
    network.name,
    subnets.map(({ subnet }) => subnet),
  )
}

async function tryFree(
  { view, writer }: Parts,
  network: Network,
  owner: AddressClaim,
  subnets: readonly Subnet[],
): Promise<ClaimedAddress | null> {
  for (const subnet of subnets) {
    const taken = view.addresses(network.id)
    for (const addresses of chunks(free(subnet, taken))) {
      const byKey = new Map(
        addresses.map((address) => [
          keys.address(network.id, address),
          address,
        ]),
      )
      const result = await writer.claimFirst([...byKey.keys()], owner)
      const address = result && byKey.get(result.key)
      if (!address) continue
      const claim = { key: result.key, version: result.revision }
      return { address: withPrefix(address, subnet.subnet), claim }
    }
  }
  return null
}

function* free(
  subnet: Subnet,
  taken: ReadonlyMap<string, unknown>,
): Generator<string, void> {
  for (const address of candidates(subnet)) {
    if (!taken.has(address)) yield address
  }
}

function* chunks(addresses: Iterable<string>): Generator<string[], void> {
  let chunk: string[] = []
  for (const address of addresses) {
    chunk.push(address)
    if (chunk.length < chunkSize) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
