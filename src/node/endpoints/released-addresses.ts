import { isCandidate } from '../../ipam/addresses.js'
import { cidrContains, withPrefix } from '../../net/cidr.js'
import type { Versioned } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Subnet } from '../../store/records.js'
import type {
  ClaimedAddress,
  ClaimOrder,
  ClaimParts,
} from './address-claims.js'

/** An address in quarantine. */
interface Released {
  readonly address: string
  readonly subnet: Subnet
  readonly record: Versioned<AddressClaim>
}

/**
 * The address that a container of this name gave back last, while it is still
 * there. Null when there is none.
 */
export function takeBack(
  parts: ClaimParts,
  order: ClaimOrder,
): Promise<ClaimedAddress | null> {
  const { name } = order.owner
  const own = releasedOf(parts, order)
    .filter(({ record }) => record.value.released?.name === name)
    .reverse()
  return takeOne(parts, order, own, { ...order.owner, outOfTurn: true })
}

/**
 * The address that has been in quarantine longest, for a subnet that has
 * nothing else. Null when none is.
 */
export function takeOldest(
  parts: ClaimParts,
  order: ClaimOrder,
): Promise<ClaimedAddress | null> {
  const automatic = releasedOf(parts, order).filter(({ subnet, address }) =>
    isCandidate(subnet, address),
  )
  return takeOne(parts, order, automatic, { ...order.owner })
}

/** The oldest first. */
function releasedOf(
  { addresses }: ClaimParts,
  { network, subnets }: ClaimOrder,
): Released[] {
  const found: Released[] = []
  for (const [address, record] of addresses.released(network.id)) {
    const subnet = subnets.find((one) => cidrContains(one.subnet, address))
    if (subnet !== undefined) found.push({ address, subnet, record })
  }
  return found.sort((a, b) => a.record.version - b.record.version)
}

/** The first that nobody else takes at the same time. */
async function takeOne(
  { writer }: ClaimParts,
  { network }: ClaimOrder,
  released: readonly Released[],
  claim: AddressClaim,
): Promise<ClaimedAddress | null> {
  for (const { address, subnet, record } of released) {
    const key = keys.address(network.id, address)
    const version = await writer.replace(
      { key, version: record.version },
      claim,
    )
    if (version === null) continue
    const whole = withPrefix(address, subnet.subnet)
    return { address: whole, claim: { key, version } }
  }
  return null
}
