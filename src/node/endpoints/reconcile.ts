import { addressOf } from '../../net/cidr.js'
import type { Endpoint } from '../../store/records.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import type { Standing } from '../ownership/own-records.js'
import { claimsOf } from './address-release.js'
import { detach } from './detach.js'
import { isStillLeft, leftovers, releaseUnused } from './leftovers.js'
import type { Leftover } from './leftovers.js'
import { updateResolvConf } from './name-servers.js'
import { stayOutside } from './outside.js'
import type { EndpointParts } from './parts.js'
import { adoptPorts } from './publish.js'
import { sandboxOf } from './sandbox.js'
import { findTap, openTap, silence } from './tap.js'
import type { TapPlace } from './tap.js'

/**
 * Makes the records of this host true: endpoints of a daemon that ended without
 * cleaning up are taken over when their TAP is still there, and released when
 * it is not. Nothing leaks, whatever ended the daemon.
 */
export async function reconcile(
  parts: EndpointParts,
  isBusy: (endpointId: string) => boolean,
): Promise<void> {
  for (const leftover of leftovers(parts, isBusy)) {
    if (!isStillLeft(leftover.endpoint, parts, isBusy)) continue
    await adoptOrRelease(leftover, parts)
  }
  await releaseUnused(parts, isBusy)
  await parts.gateway.sweep()
}

async function adoptOrRelease(
  { endpoint, network, standing }: Leftover,
  parts: EndpointParts,
): Promise<void> {
  const tap = await ownTap(endpoint, parts)
  const attachment: Attachment = {
    endpoint,
    network,
    namespace: namespaceOf(endpoint, tap),
    claims: claimsOf(endpoint, parts.view),
    port: null,
    standing,
  }
  if (tap !== null && standing !== 'leaving') {
    if (await adopt(attachment, parts)) return
  } else if (tap !== null) {
    await parts.system.links.remove(tap.namespace.path, tap.name)
  }
  parts.attachments.add(attachment)
  const problems = await detach(attachment, parts)
  if (problems.length === 0) reportReleased(attachment, standing, parts)
}

/**
 * Null when its TAP is gone, or is another attachment's by now: an old copy of
 * the store may tell of a container that was connected again since.
 */
async function ownTap(
  endpoint: Endpoint,
  { attachments, system }: EndpointParts,
): Promise<TapPlace | null> {
  const tap = await findTap(endpoint, system)
  if (tap === null) return null
  const isTaken = attachments
    .ofNamespace(tap.namespace)
    .some((other) => other.endpoint.interface === endpoint.interface)
  return isTaken ? null : tap
}

/** One that is gone has a stand-in while its endpoint is released. */
function namespaceOf(endpoint: Endpoint, tap: TapPlace | null): Namespace {
  if (endpoint.driver) return sandboxOf(endpoint)
  return tap?.namespace ?? goneNamespace(endpoint)
}

/** False when it cannot be done. */
async function adopt(
  attachment: Attachment,
  parts: EndpointParts,
): Promise<boolean> {
  const { endpoint, network, standing, namespace } = attachment
  const { attachments, own, log, events, config } = parts
  const fields = { endpoint: endpoint.name, network: network.name }
  try {
    await own.keep(endpoint, network, standing)
    attachments.add(attachment)
    if (standing === 'isolated') {
      await silence(attachment, parts)
    } else await openTap(attachment, parts)
    await updateResolvConf(namespace, parts)
    await adoptPorts(attachment, parts)
    if (!endpoint.driver) await stayOutside(attachment, parts)
  } catch (error) {
    log.error({ ...fields, err: error }, 'endpoint cannot be taken over')
    return false
  }
  log.info(fields, 'endpoint taken over from the daemon before')
  const message = `${endpoint.name} on ${network.name} was taken over from the daemon before`
  const [address = ''] = endpoint.addresses.map(addressOf)
  events.record('endpoint-adopted', message, {
    host: config.host,
    ...fields,
    address,
  })
  return true
}

function reportReleased(
  { endpoint, network }: Attachment,
  standing: Standing,
  { log, events, config }: EndpointParts,
): void {
  const { name } = endpoint
  const fields = { endpoint: name, network: network.name }
  const why =
    standing === 'leaving'
      ? 'it was being disconnected'
      : 'its container is gone'
  log.warn(fields, `endpoint released: ${why}`)
  const message = `${name} on ${network.name} was released: ${why}`
  events.record('endpoint-released', message, { host: config.host, ...fields })
}

/** Nothing enters it. */
function goneNamespace({ netns, name }: Endpoint): Namespace {
  return { path: netns, identity: `gone:${netns}`, defaultName: name }
}
