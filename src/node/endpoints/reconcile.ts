import type { Versioned } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { AddressClaim, Endpoint, Network } from '../../store/records.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment, Claim } from '../attachments.js'
import { release } from './address-release.js'
import { detach } from './detach.js'
import { updateResolvConf } from './name-servers.js'
import type { EndpointParts } from './parts.js'
import { openTap } from './tap.js'

/**
 * Makes the records of this host true: endpoints of a daemon that ended without
 * cleaning up are taken over when their TAP is still there, and released when
 * it is not. Nothing leaks, whatever ended the daemon.
 */
export async function reconcile(
  parts: EndpointParts,
  isConnecting: (endpointId: string) => boolean,
): Promise<void> {
  const { view, attachments, config } = parts
  const isStray = (host: string, id: string) =>
    host === config.host &&
    attachments.get(id) === undefined &&
    !isConnecting(id)
  for (const { value: network } of [...view.networks.values()]) {
    for (const { value: endpoint } of [
      ...view.endpoints(network.id).values(),
    ]) {
      if (!isStray(endpoint.host, endpoint.id)) continue
      await adoptOrRelease(endpoint, network, parts)
    }
    const unused = [...view.addresses(network.id)].filter(
      ([, { value }]) =>
        value.released === undefined && isStray(value.host, value.endpoint),
    )
    for (const claim of unused) {
      await release(
        parts,
        network.id,
        [claimOf(network)(claim)],
        claim[1].value,
      )
    }
  }
}

async function adoptOrRelease(
  endpoint: Endpoint,
  network: Network,
  parts: EndpointParts,
): Promise<void> {
  const { log, attachments } = parts
  const fields = { endpoint: endpoint.name, network: network.name }
  const namespace = await findNamespace(endpoint, parts)
  const attachment = {
    endpoint,
    network,
    namespace: namespace ?? goneNamespace(endpoint),
    claims: claimsOf(endpoint, network, parts),
    port: null,
  }
  if (namespace !== null) {
    try {
      await adopt(attachment, parts)
      log.info(fields, 'endpoint taken over from the daemon before')
      return
    } catch (error) {
      log.error({ ...fields, err: error }, 'endpoint cannot be taken over')
    }
  }
  attachments.add(attachment)
  await detach(attachment, parts)
  log.warn(fields, 'endpoint released: its container is gone')
}

async function adopt(
  attachment: Attachment,
  parts: EndpointParts,
): Promise<void> {
  parts.attachments.add(attachment)
  await openTap(attachment, parts)
  await updateResolvConf(attachment.namespace, parts)
}

/** Null when it is gone, or another one is at its place by now. */
async function findNamespace(
  endpoint: Endpoint,
  { system }: EndpointParts,
): Promise<Namespace | null> {
  try {
    const namespace = await system.namespaces.resolve(endpoint.netns)
    const links = await system.links.list(namespace.path)
    const hasTap = links.some(
      ({ name, mac, isTap }) =>
        isTap && name === endpoint.interface && mac === endpoint.mac,
    )
    return hasTap ? namespace : null
  } catch {
    return null
  }
}

/** Stands in for it while its endpoint is released; nothing enters it. */
function goneNamespace({ netns, name }: Endpoint): Namespace {
  return { path: netns, identity: `gone:${netns}`, defaultName: name }
}

function claimsOf(
  endpoint: Endpoint,
  network: Network,
  { view }: EndpointParts,
): Claim[] {
  return [...view.addresses(network.id)]
    .filter(
      ([, { value }]) =>
        value.endpoint === endpoint.id && value.released === undefined,
    )
    .map(claimOf(network))
}

function claimOf({ id }: Network) {
  return ([address, { version }]: [
    string,
    Versioned<AddressClaim>,
  ]): Claim => ({
    key: keys.address(id, address),
    version,
  })
}
