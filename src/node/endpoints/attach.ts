import { timestamp } from '../../base/clock.js'
import { errors, isOvertapError } from '../../base/errors.js'
import { addressOf } from '../../net/cidr.js'
import { macOfIp } from '../../net/mac.js'
import type { Versioned } from '../../store/cluster-view.js'
import { keys } from '../../store/records.js'
import type { Endpoint, Network } from '../../store/records.js'
import { nextInterface } from '../../system/link.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import type { Undo } from '../undo.js'
import type { ConnectRequest } from '../use-cases.js'
import { claimAddresses } from './address-claims.js'
import { deleteRecord } from './detach.js'
import { updateResolvConf } from './name-servers.js'
import { goOutside } from './outside.js'
import type { EndpointParts } from './parts.js'
import { takePorts } from './publish.js'
import { isContainerName } from './request.js'
import { closeTap, openTap } from './tap.js'

export interface AttachOrder {
  readonly id: string
  readonly request: ConnectRequest
  readonly network: Versioned<Network>
  readonly namespace: Namespace
}

interface Called {
  readonly name: string
  readonly hostname: string | undefined
  readonly ifname: string
  readonly publish: readonly string[]
}

/**
 * Connects a namespace to a network. Everything that can be refused is before
 * the first change; each change says how to take it back.
 */
export async function attach(
  order: AttachOrder,
  parts: EndpointParts,
  undo: Undo,
): Promise<Endpoint> {
  refuseSecond(order, parts)
  const name = containerName(order)
  const ifname = await chooseInterface(order, parts)
  const hostname = await otherName(order, name, parts)
  const publish = await takePorts(order, name, parts, undo)
  const called = { name, hostname, ifname, publish }
  const attachment = await claim(order, called, parts, undo)
  await note(attachment, parts, undo)
  await announce(attachment, order.network, parts, undo)
  await bringUp(attachment, parts, undo)
  await updateResolvConf(order.namespace, parts)
  return attachment.endpoint
}

function refuseSecond(
  { network: { value: network }, namespace, request }: AttachOrder,
  { attachments }: EndpointParts,
): void {
  const present = attachments
    .ofNamespace(namespace)
    .find((attachment) => attachment.network.id === network.id)
  if (present === undefined) return
  const [address = ''] = present.endpoint.addresses
  throw errors.ENDPOINT_EXISTS(request.target, network.name, address)
}

function containerName({ request, namespace }: AttachOrder): string {
  const name = request.name ?? namespace.defaultName
  if (!isContainerName(name)) throw errors.ENDPOINT_NAME_INVALID(name)
  return name
}

/** What it calls itself, when that says more than its name. */
async function otherName(
  { request }: AttachOrder,
  name: string,
  { system }: EndpointParts,
): Promise<string | undefined> {
  const hostname = await system.hostname(request.target)
  if (hostname === undefined || hostname === name) return undefined
  const isUseful = isContainerName(hostname) && !/^localhost\b/i.test(hostname)
  return isUseful ? hostname : undefined
}

async function chooseInterface(
  { request, namespace }: AttachOrder,
  { system }: EndpointParts,
): Promise<string> {
  const links = await system.links.list(namespace.path)
  const taken = links.map(({ name }) => name)
  const { interface: asked } = request
  if (asked === undefined) return nextInterface(taken)
  if (taken.includes(asked)) {
    throw errors.INTERFACE_EXISTS(asked, request.target)
  }
  return asked
}

async function claim(
  { id, request, network: { value: network }, namespace }: AttachOrder,
  { name, hostname, ifname, publish }: Called,
  parts: EndpointParts,
  undo: Undo,
): Promise<Attachment> {
  const { host } = parts.config
  const owner = { host, endpoint: id, name }
  const claimed = await claimAddresses(parts, network, owner, request.ip, undo)
  const addresses = claimed.map(({ address }) => address)
  const [first = ''] = addresses
  const endpoint: Endpoint = {
    id,
    network: network.id,
    host,
    name,
    aliases: [...request.aliases],
    ...(hostname !== undefined && { hostname }),
    mac: macOfIp(addressOf(first)),
    addresses,
    target: request.target,
    netns: namespace.path,
    interface: ifname,
    publish: [...publish],
    createdAt: timestamp(parts.clock),
  }
  const claims = claimed.map((one) => one.claim)
  return {
    endpoint,
    network,
    namespace,
    claims,
    port: null,
    standing: 'attached',
  }
}

/** From here on a daemon that comes after a crash knows of it. */
async function note(
  { endpoint, network }: Attachment,
  { own }: EndpointParts,
  undo: Undo,
): Promise<void> {
  undo('forget it in the journal', () => own.forget(endpoint))
  await own.keep(endpoint, network)
}

async function bringUp(
  attachment: Attachment,
  parts: EndpointParts,
  undo: Undo,
): Promise<void> {
  const { attachments, forwarding, gateway } = parts
  undo('leave the gateway', () => gateway.settle(attachment.namespace))
  undo('restore resolv.conf', () =>
    updateResolvConf(attachment.namespace, parts),
  )
  undo('stop forwarding', () => {
    attachments.remove(attachment)
    forwarding.refresh(attachment.network.id)
  })
  undo('close the TAP', () => closeTap(attachment, parts))
  attachments.add(attachment)
  await openTap(attachment, parts)
  await goOutside(attachment, parts)
}

/**
 * Writes the record by which all hosts learn of the endpoint, before it can
 * send: by its first packet they accept it. It conflicts when the network was
 * removed meanwhile. After a lost connection nobody knows
 * whether it was written: it is deleted in any case.
 */
async function announce(
  { endpoint, claims, ...attachment }: Attachment,
  network: Versioned<Network>,
  parts: EndpointParts,
  undo: Undo,
): Promise<void> {
  const { id, name } = network.value
  undo('delete the endpoint', () =>
    deleteRecord({ endpoint, claims, ...attachment }, parts),
  )
  try {
    await parts.writer.commit({
      guards: [{ key: keys.network(id), version: network.version }, ...claims],
      puts: [{ key: keys.endpoint(id, endpoint.id), value: endpoint }],
    })
  } catch (error) {
    if (!isOvertapError(error, 'STORE_CONFLICT')) throw error
    await parts.writer.catchUp()
    if (parts.view.networks.has(id)) throw error
    throw errors.NETWORK_NOT_FOUND(name)
  }
}
