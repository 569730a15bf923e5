import { addressOf } from '../../net/cidr.js'
import type { Endpoint } from '../../store/records.js'
import type { Namespace, System } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import { containerMtu } from './container-mtu.js'
import type { EndpointParts } from './parts.js'

/**
 * Of superpackets, bytes. Those that leave whole may be as large as an IP packet. Others
 * go as the segments of one UDP datagram, which needs room for the headers of each
 * (65507 bytes are the most that IPv4 carries). A larger one costs TCP a second call;
 * UDP does not heed the limit, and has the container's kernel segment.
 */
const gsoMaxSize = { whole: 65_536, segmented: 61_440 }

/**
 * Opens the TAP of an attachment and makes it a configured interface. The
 * network is programmed first, so that the first frame finds its way.
 */
export async function openTap(
  attachment: Attachment,
  parts: EndpointParts,
): Promise<void> {
  const { endpoint, network, namespace } = attachment
  const { directories, engine, forwarding, system } = parts
  const mtu = await containerMtu(network, parts)
  directories.of(network) // from now on moved addresses are noticed
  forwarding.refresh(network.id)
  attachment.port = await engine.openPort({
    vni: network.vni,
    netns: namespace.path,
    name: endpoint.interface,
    mac: endpoint.mac,
    addresses: endpoint.addresses.map(addressOf),
    mtu,
  })
  forwarding.refresh(network.id)
  await system.links.configure({
    netns: namespace.path,
    name: endpoint.interface,
    mac: endpoint.mac,
    mtu,
    addresses: endpoint.addresses,
    gsoMaxSize: sendsWhole(engine) ? gsoMaxSize.whole : gsoMaxSize.segmented,
  })
}

function sendsWhole(engine: EndpointParts['engine']): boolean {
  return engine
    .features()
    .some(({ name, state }) => name === 'tunnel-gso' && state === 'on')
}

/** Destroys the TAP; nothing when it was never open. */
export async function closeTap(
  attachment: Attachment,
  parts: Pick<EndpointParts, 'engine' | 'system'>,
): Promise<void> {
  const { port, standing } = attachment
  if (port !== null) {
    attachment.port = null
    await parts.engine.closePort(port, { destroy: true })
  } else if (standing === 'isolated') {
    await removeTap(attachment, parts)
  }
}

/** One that no engine has open; what else has its name by now is left alone. */
async function removeTap(
  { endpoint, namespace }: Attachment,
  { system }: Pick<EndpointParts, 'system'>,
): Promise<void> {
  const present = await namespaceWithTap(endpoint, system)
  if (present?.identity !== namespace.identity) return
  await system.links.remove(present.path, endpoint.interface)
}

/** Null when it is gone, or another one is at its place by now. */
export async function namespaceWithTap(
  { netns, interface: ifname, mac }: Endpoint,
  { namespaces, links }: System,
): Promise<Namespace | null> {
  try {
    const namespace = await namespaces.resolve(netns)
    const present = await links.list(namespace.path)
    const hasTap = present.some(
      (link) => link.isTap && link.name === ifname && link.mac === mac,
    )
    return hasTap ? namespace : null
  } catch {
    return null
  }
}

/** Leaves the TAP where it is, with its address, for the next daemon. */
export async function leaveTap(
  attachment: Attachment,
  { engine }: Pick<EndpointParts, 'engine'>,
): Promise<void> {
  const { port } = attachment
  if (port === null) return
  await engine.closePort(port, { destroy: false })
  // Not before: until then the engine must keep the network.
  attachment.port = null
}
