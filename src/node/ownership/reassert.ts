import type { Config } from '../../base/config.js'
import { isOvertapError } from '../../base/errors.js'
import { addressOf } from '../../net/cidr.js'
import { keys, rowCollections, type Network } from '../../store/records.js'
import type { Store } from '../../store/store.js'
import type { Attachment, Attachments } from '../attachments.js'
import type { OwnRecords } from './own-records.js'
import { PresentRecords } from './present-records.js'
import { bringBackNames } from './name-restoration.js'
import type { NameRestorationParts } from './name-restoration.js'
import { restoreNetwork } from './network-restoration.js'
import { restoreEndpoint } from './restoration.js'
import type { Rival } from './restoration.js'

export interface ReassertParts extends NameRestorationParts {
  readonly config: Pick<Config, 'settle'>
  readonly store: Store
  readonly attachments: Attachments
  readonly own: OwnRecords
  /** Runs a task while nobody connects or disconnects in the same namespace. */
  readonly exclusively: (
    attachment: Attachment,
    task: () => Promise<void>,
  ) => Promise<void>
  /** Takes a container off whose address is another's. */
  readonly isolate: (attachment: Attachment, rival: Rival) => Promise<void>
  /** Takes one back whose address is its own again. */
  readonly rejoin: (attachment: Attachment) => Promise<void>
}

/** Snapshots taken before others are left to go first. */
const maxAttempts = 8

/**
 * Writes again what this host owns of a network and what is not in the store:
 * the network itself, addresses, endpoints. STORE_UNAVAILABLE, STORE_FENCED,
 * and STORE_CONFLICT when others write the same records all the time.
 */
export async function reassertNetwork(
  id: string,
  parts: ReassertParts,
): Promise<void> {
  for (let made = 1; ; made++) {
    try {
      await attempt(id, parts)
      return
    } catch (error) {
      const conflict = isOvertapError(error, 'STORE_CONFLICT')
      if (!conflict || made === maxAttempts) throw error
    }
  }
}

async function attempt(id: string, parts: ReassertParts): Promise<void> {
  const { attachments, own, store, log } = parts
  const network = attachments.ofNetwork(id)[0]?.network ?? own.network(id)
  if (network === undefined) return
  let present = await PresentRecords.read(store, id, log)
  if (!present.tables.network.has(id)) {
    if (wasRemoved(network, present, parts)) return own.forgetNetwork(id)
  }
  if (await bringBackNetwork(network, present, parts)) {
    present = await PresentRecords.read(store, id, log)
  }
  if (present.tables.network.has(id)) {
    await bringBackNames(network, present, parts)
  }
  for (const attachment of attachments.ofNetwork(id)) {
    await parts.exclusively(attachment, async () => {
      const current = attachments.get(attachment.endpoint.id) === attachment
      if (!current || attachment.standing === 'leaving') return
      await bringBackEndpoint(attachment, present, parts)
    })
  }
}

/**
 * By somebody, and not lost with the store's data: it was missed in a store that
 * is still the same, or that has settled long ago. One in use is never removed.
 */
function wasRemoved(
  { id }: Network,
  { snapshot }: PresentRecords,
  { attachments, own, config }: ReassertParts,
): boolean {
  if (attachments.uses(id)) return false
  const settled = config.settle > 0 && snapshot.settlesInMs === 0
  return settled || own.seen()?.epoch === snapshot.epoch
}

/** True when records were written. */
async function bringBackNetwork(
  network: Network,
  present: PresentRecords,
  parts: ReassertParts,
): Promise<boolean> {
  const { host, writer, events, log } = parts
  const verdict = restoreNetwork(network, present)
  if (verdict === null) return false
  const { name } = network
  if ('rival' in verdict) {
    await giveUpNetwork(network, verdict.rival, parts)
    return false
  }
  const { writes, replaced } = verdict
  const deletes = await allOf(replaced, parts)
  await writer.commit({ ...writes, deletes: withoutPuts(deletes, writes.puts) })
  log.warn({ network: name }, 'the record of a network was gone; restored')
  const message = `network ${name} was gone from the store; restored`
  events.record('record-restored', message, { host, network: name })
  for (const other of replaced) reportReplaced(other, network, parts)
  return true
}

/** Keys of all records of networks. */
async function allOf(
  networks: readonly Network[],
  { store }: ReassertParts,
): Promise<string[]> {
  if (networks.length === 0) return []
  const rows = await store.snapshot(
    networks.flatMap(({ id }) => rowCollections(id)),
  )
  return [
    ...networks.flatMap(({ id, name }) => [
      keys.network(id),
      keys.networkName(name),
    ]),
    ...rows.entries.map(({ key }) => key),
  ]
}

/** The name of a network that is replaced may be that of its successor. */
function withoutPuts(
  deletes: readonly string[],
  puts: readonly { readonly key: string }[],
): string[] {
  return deletes.filter((key) => !puts.some((put) => put.key === key))
}

function reportReplaced(
  other: Network,
  { name }: Network,
  { host, events, log }: ReassertParts,
): void {
  const what = `network ${other.name} (${other.id.slice(0, 12)})`
  const message = `${what} came back with lost data and is in the way of the newer ${name}; deleted`
  log.warn({ network: name }, message)
  events.record('record-restored', message, { host, network: name })
}

/** Another network has its name or its VNI: nobody can be on it any more. */
async function giveUpNetwork(
  { id, name }: Network,
  rival: Rival,
  { attachments, own, log, exclusively, isolate }: ReassertParts,
): Promise<void> {
  const { what, holder } = rival
  log.error({ network: name }, `cannot be restored: ${holder} has ${what}`)
  for (const attachment of attachments.ofNetwork(id)) {
    await exclusively(attachment, async () => {
      if (attachment.standing === 'attached') await isolate(attachment, rival)
    })
  }
  if (!attachments.uses(id)) await own.forgetNetwork(id)
}

async function bringBackEndpoint(
  attachment: Attachment,
  present: PresentRecords,
  { host, writer, events, log, isolate, rejoin }: ReassertParts,
): Promise<void> {
  const { endpoint, network, standing } = attachment
  if (standing === 'isolated' && !present.tables.network.has(network.id)) return
  const verdict = restoreEndpoint(endpoint, present)
  if ('rival' in verdict) {
    if (standing === 'attached') await isolate(attachment, verdict.rival)
    return
  }
  const { commit, claims } = verdict
  const written = new Set(commit.puts.map(({ key }) => key))
  const revision = written.size === 0 ? null : await writer.write(commit)
  attachment.claims = claims.map((key) => ({
    key,
    version: (written.has(key) ? revision : present.version(key)) ?? 0,
  }))
  if (standing === 'isolated') return rejoin(attachment)
  if (revision === null) return
  const fields = { network: network.name, endpoint: endpoint.name }
  log.warn(fields, 'records of a container were gone or changed; restored')
  const message = `records of ${endpoint.name} on ${network.name} were gone or changed; restored`
  const [address = ''] = endpoint.addresses.map(addressOf)
  events.record('record-restored', message, { host, ...fields, address })
}
