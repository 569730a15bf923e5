import { timestamp } from '../../base/clock.js'
import { errors } from '../../base/errors.js'
import { addressOf, cidrContains } from '../../net/cidr.js'
import { keys } from '../../store/records.js'
import type { Endpoint, Network } from '../../store/records.js'
import type { Attachment, Claim } from '../attachments.js'
import { deleteRecord } from '../endpoints/detach.js'
import { hostLinkName, hostNamespace, sandboxOf } from '../endpoints/sandbox.js'
import { closeTap, openTapAt } from '../endpoints/tap.js'
import type { Undo } from '../undo.js'
import type { DriverParts } from './parts.js'
import type { Reservation, Reservations } from './reservations.js'

/** What Docker has told of an endpoint before it joins it to a sandbox. */
export interface NewEndpoint {
  readonly id: string
  /** Id of the network. */
  readonly network: string
  /** With prefix length. */
  readonly addresses: readonly string[]
  readonly mac: string
}

export interface JoinOrder extends NewEndpoint {
  /** Path of the namespace, which may not be there yet. */
  readonly sandbox: string
}

/**
 * Makes the interface, in this host's namespace, from where Docker moves it
 * into the container and configures it. As with other containers the journal
 * comes first, then the record, then the interface.
 */
export async function join(
  order: JoinOrder,
  reservations: Reservations,
  parts: DriverParts,
  undo: Undo,
): Promise<void> {
  const { own, log } = parts
  const network = parts.view.networks.get(order.network)?.value
  if (network === undefined) throw errors.NETWORK_NOT_FOUND(order.network)
  const held = await reserved(order, network, reservations)
  const attachment = planned(order, network, parts)
  const { endpoint } = attachment
  undo('forget it in the journal', () => own.forget(endpoint))
  await own.keep(endpoint, network)
  undo('delete the endpoint', () => deleteRecord(attachment, parts))
  await announce(attachment, held, parts)
  for (const one of held) reservations.forget(one)
  await bringUp(attachment, parts, undo)
  const fields = { network: network.name, endpoint: endpoint.name }
  log.info({ ...fields, netns: order.sandbox }, 'connected by Docker')
}

/** One that this daemon does not know, the daemon before had given. */
async function reserved(
  { addresses }: NewEndpoint,
  network: Network,
  reservations: Reservations,
): Promise<Reservation[]> {
  const held: Reservation[] = []
  for (const address of addresses.map(addressOf)) {
    const subnet = network.subnets.find((one) =>
      cidrContains(one.subnet, address),
    )
    if (subnet === undefined) throw errors.ADDRESS_INVALID(address, 'outside')
    held.push(
      reservations.get(network.id, address) ??
        (await reservations.make(network, subnet, { address })),
    )
  }
  return held
}

function planned(
  { id, addresses, mac, sandbox }: JoinOrder,
  network: Network,
  { config, clock }: DriverParts,
): Attachment {
  const name = id.slice(0, 12)
  const endpoint: Endpoint = {
    id,
    network: network.id,
    host: config.host,
    name,
    aliases: [],
    mac,
    addresses: [...addresses],
    target: name,
    netns: sandbox,
    interface: hostLinkName(id),
    publish: [],
    driver: 'docker',
    createdAt: timestamp(clock),
  }
  return {
    endpoint,
    network,
    namespace: sandboxOf(endpoint),
    claims: [],
    port: null,
    standing: 'attached',
  }
}

/**
 * Writes the record, and the endpoint into the records of its addresses. It is
 * tried again when the network got its name meanwhile; NETWORK_NOT_FOUND when
 * it is gone, ADDRESS_IN_USE when an address is.
 */
async function announce(
  attachment: Attachment,
  held: readonly Reservation[],
  { view, writer }: DriverParts,
): Promise<void> {
  const { id, name, host } = attachment.endpoint
  const claims = held.map(({ claim }) => claim)
  let isFirst = true
  const version = await writer.retrying(async () => {
    const network = view.networks.get(attachment.network.id)
    if (network === undefined) {
      throw errors.NETWORK_NOT_FOUND(attachment.network.name)
    }
    if (!isFirst) requireClaims(held, view)
    isFirst = false
    const key = keys.network(network.value.id)
    return writer.write({
      guards: [{ key, version: network.version }, ...claims],
      puts: [
        {
          key: keys.endpoint(network.value.id, id),
          value: attachment.endpoint,
        },
        ...held.map(({ claim, isChosen }) => ({
          key: claim.key,
          value: {
            ...{ host, endpoint: id, name },
            ...(isChosen && { outOfTurn: true }),
          },
        })),
      ],
    })
  })
  attachment.claims = claims.map(({ key }): Claim => ({ key, version }))
}

/** In a view that is up to date. */
function requireClaims(
  held: readonly Reservation[],
  view: DriverParts['view'],
): void {
  for (const { network, address, claim } of held) {
    const ip = addressOf(address)
    const version = view.addresses(network).get(ip)?.version
    if (version !== claim.version) throw errors.ADDRESS_IN_USE(ip)
  }
}

async function bringUp(
  attachment: Attachment,
  parts: DriverParts,
  undo: Undo,
): Promise<void> {
  const { attachments, forwarding, system, view } = parts
  undo('stop forwarding', () => {
    attachments.remove(attachment)
    forwarding.refresh(attachment.network.id)
  })
  undo('close the TAP', () => closeTap(attachment, parts))
  // It may have got its name since; from now on it is told.
  const { network } = attachment
  attachment.network = view.networks.get(network.id)?.value ?? network
  attachments.add(attachment)
  const namespace = await system.namespaces.resolve(hostNamespace)
  const { interface: name } = attachment.endpoint
  await openTapAt({ namespace, name }, attachment, parts)
}
