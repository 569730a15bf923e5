import { isDeepStrictEqual } from 'node:util'
import { addressOf } from '../../net/cidr.js'
import type { RecordChange } from '../../store/cluster-view.js'
import type { Host, Network } from '../../store/records.js'
import type { Attachment, Attachments } from '../attachments.js'
import type { OwnRecords } from './own-records.js'
import { isClaimOf } from './restoration.js'

export interface ConcernParts {
  readonly host: string
  readonly attachments: Attachments
  readonly own: OwnRecords
  readonly view: { readonly epoch: string }
  readonly registration: { isCurrent(record: Host | undefined): boolean }
}

export type Concern =
  /** Own records of this network, or of this host, are not as they should be. */
  | { readonly check: { readonly network: string } | 'host' }
  /** A network was made here, or one that is used here has another name. */
  | { readonly keep: Network }
  /** A network was removed that was made here, or that was used here. */
  | { readonly forget: string }

/** What a change of the records means for what this host owns. */
export function concernOf(
  change: RecordChange,
  parts: ConcernParts,
): Concern | null {
  switch (change.kind) {
    case 'network':
      return networkConcern(change, parts)
    case 'network-name': {
      const network = change.before?.network ?? ''
      const lost = change.after?.network !== network
      return lost && parts.attachments.uses(network)
        ? { check: { network } }
        : null
    }
    case 'endpoint':
    case 'address':
      return isLost(change, parts)
        ? { check: { network: change.id.slice(0, change.id.indexOf('/')) } }
        : null
    case 'host':
      return hostConcern(change, parts)
    default:
      return null
  }
}

function hostConcern(
  { id, after }: Extract<RecordChange, { kind: 'host' }>,
  { host, registration }: ConcernParts,
): Concern | null {
  const lost = id === host && !registration.isCurrent(after)
  return lost ? { check: 'host' } : null
}

function networkConcern(
  { id, after }: Extract<RecordChange, { kind: 'network' }>,
  { host, attachments, own, view }: ConcernParts,
): Concern | null {
  if (after !== undefined) {
    const known = own.network(id)
    const mine = after.createdBy === host || known !== undefined
    return mine && !isDeepStrictEqual(known, after) ? { keep: after } : null
  }
  if (attachments.uses(id)) return { check: { network: id } }
  // In a store that lost its data it may not have been removed by anybody.
  const deliberate = own.seen()?.epoch === view.epoch
  return deliberate && own.network(id) ? { forget: id } : null
}

function isLost(
  change: Extract<RecordChange, { kind: 'endpoint' | 'address' }>,
  { attachments }: ConcernParts,
): boolean {
  const { kind, before, after } = change
  if (mayFree(change, attachments)) return true
  if (kind === 'endpoint') {
    const mine = attachments.get((after ?? before)?.id ?? '')
    return isAttached(mine) && !isDeepStrictEqual(after, mine.endpoint)
  }
  const mine = attachments.get(before?.endpoint ?? '')
  return isAttached(mine) && !isClaimOf(mine.endpoint, after)
}

/** Of an address that an isolated container is kept from. */
function mayFree(
  change: Extract<RecordChange, { kind: 'endpoint' | 'address' }>,
  attachments: Attachments,
): boolean {
  const [network = '', address = ''] = change.id.split('/')
  const touched =
    change.kind === 'address'
      ? [address]
      : (change.before?.addresses.map(addressOf) ?? [])
  return attachments
    .ofNetwork(network)
    .some(
      ({ standing, endpoint }) =>
        standing === 'isolated' &&
        endpoint.addresses.some((one) => touched.includes(addressOf(one))),
    )
}

function isAttached(attachment?: Attachment): attachment is Attachment {
  return attachment?.standing === 'attached'
}
