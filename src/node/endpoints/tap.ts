import { addressOf } from '../../net/cidr.js'
import type { Endpoint } from '../../store/records.js'
import type { Link, Namespace, System } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import { containerMtu } from './container-mtu.js'
import type { EndpointParts } from './parts.js'
import { hostNamespace, sandboxOf } from './sandbox.js'

/**
 * Of superpackets, bytes. Those that leave whole may be as large as an IP packet. Others
 * go as the segments of one UDP datagram, which needs room for the headers of each
 * (65507 bytes are the most that IPv4 carries). A larger one costs TCP a second call;
 * UDP does not heed the limit, and has the container's kernel segment.
 */
const gsoMaxSize = { whole: 65_536, segmented: 61_440 }

/** Where a TAP is, or is to be made. */
export interface TapPlace {
  readonly namespace: Namespace
  /** Of the interface, in that namespace. */
  readonly name: string
}

/**
 * Opens the TAP of an attachment and makes it a configured interface. One of
 * Docker's is opened where Docker has put it by now, and left as Docker has
 * configured it. The network is programmed first, so that the first frame
 * finds its way.
 */
export async function openTap(
  attachment: Attachment,
  parts: EndpointParts,
): Promise<void> {
  const { endpoint, namespace } = attachment
  const name = endpoint.interface
  const place = endpoint.driver && (await findTap(endpoint, parts.system))
  await openTapAt(place ?? { namespace, name }, attachment, parts)
}

/** The same at a place that is known. */
export async function openTapAt(
  { namespace, name }: TapPlace,
  attachment: Attachment,
  parts: EndpointParts,
): Promise<void> {
  const { endpoint, network } = attachment
  const { directories, engine, forwarding, system } = parts
  const { mac, addresses, driver } = endpoint
  const mtu = await containerMtu(network, parts)
  directories.of(network) // from now on moved addresses are noticed
  forwarding.refresh(network.id)
  attachment.port = await engine.openPort({
    vni: network.vni,
    netns: namespace.path,
    name,
    mac,
    addresses: addresses.map(addressOf),
    mtu,
  })
  forwarding.refresh(network.id)
  await system.links.configure({
    netns: namespace.path,
    name,
    mac,
    mtu,
    addresses: driver ? [] : addresses,
    gsoMaxSize: sendsWhole(engine) ? gsoMaxSize.whole : gsoMaxSize.segmented,
    up: driver === undefined,
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
  const { port, standing, endpoint } = attachment
  if (port !== null) {
    attachment.port = null
    await parts.engine.closePort(port, { destroy: true })
  } else if (standing === 'isolated' || endpoint.driver) {
    await removeTap(attachment, parts)
  }
}

/** One that no engine has open; what else has its name by now is left alone. */
async function removeTap(
  { endpoint, namespace }: Attachment,
  { system }: Pick<EndpointParts, 'system'>,
): Promise<void> {
  const present = await findTap(endpoint, system)
  if (present === null) return
  const isOurs = present.namespace.identity === namespace.identity
  if (!isOurs && !endpoint.driver) return
  await system.links.remove(present.namespace.path, present.name)
}

/** Takes the link of a container down, wherever it is. */
export async function silence(
  { endpoint, namespace }: Attachment,
  { system }: Pick<EndpointParts, 'system'>,
): Promise<void> {
  const place = endpoint.driver && (await findTap(endpoint, system))
  const { path } = place?.namespace ?? namespace
  await system.links.down(path, place?.name ?? endpoint.interface)
}

/** Takes that back, for a link whose addresses are not ours to set. */
export async function raise(
  { endpoint }: Attachment,
  { system }: Pick<EndpointParts, 'system'>,
): Promise<void> {
  const place = endpoint.driver && (await findTap(endpoint, system))
  if (place) await system.links.up(place.namespace.path, place.name)
}

/** Null when it is gone, or another one is at its place by now. */
export async function findTap(
  endpoint: Endpoint,
  system: Pick<System, 'namespaces' | 'links'>,
): Promise<TapPlace | null> {
  const { netns, interface: ifname, mac, driver } = endpoint
  if (driver === undefined) {
    return findIn(
      netns,
      system,
      (tap) => tap.name === ifname && tap.mac === mac,
    )
  }
  // Docker moves it into the container, calls it ethN, and moves it back.
  const inside = await findIn(netns, system, (tap) => tap.mac === mac)
  if (inside) return { ...inside, namespace: sandboxOf(endpoint) }
  return findIn(hostNamespace, system, (tap) => tap.name === ifname)
}

async function findIn(
  netns: string,
  { namespaces, links }: Pick<System, 'namespaces' | 'links'>,
  isIt: (tap: Link) => boolean,
): Promise<TapPlace | null> {
  try {
    const namespace = await namespaces.resolve(netns)
    const present = await links.list(namespace.path)
    const tap = present.find((link) => link.isTap && isIt(link))
    return tap ? { namespace, name: tap.name } : null
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
