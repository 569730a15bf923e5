import { errors } from '../../base/errors.js'
import { Serialised } from '../../base/serialised.js'
import { addressOf, cidrContains, isCidr, withPrefix } from '../../net/cidr.js'
import { canonicalMac, isGroupMac, isMac, macOfIp } from '../../net/mac.js'
import type { Network } from '../../store/records.js'
import type { Attachment } from '../attachments.js'
import { findTap } from '../endpoints/tap.js'
import { hostLinkName, sandboxOf } from '../endpoints/sandbox.js'
import { withUndo } from '../undo.js'
import { join } from './join.js'
import type { NewEndpoint } from './join.js'
import { rename } from './naming.js'
import type { DriverNetworks } from './networks.js'
import type { DriverParts } from './parts.js'
import type { Reservations } from './reservations.js'
import type {
  DriverEndpointNames,
  DriverEndpointRequest,
  DriverInterface,
  JoinRequest,
} from './use-cases.js'

const limit = 4096
const lifetimeMs = 120_000

/**
 * Containers as Docker connects them. An endpoint is no more than a plan until
 * Docker joins it to a sandbox; from then on it is an attachment like others.
 */
export class DriverEndpoints {
  readonly #parts: DriverParts
  readonly #networks: DriverNetworks
  readonly #reservations: Reservations
  /** Created, and not joined yet. */
  readonly #created = new Map<string, NewEndpoint>()
  readonly #serialised = new Serialised()

  constructor(
    parts: DriverParts,
    networks: DriverNetworks,
    reservations: Reservations,
  ) {
    this.#parts = parts
    this.#networks = networks
    this.#reservations = reservations
  }

  async create(request: DriverEndpointRequest): Promise<{ mac: string }> {
    if (this.#created.size >= limit)
      throw errors.DRIVER_BUSY(limit, 'endpoints')
    const network = await this.#networks.find(request.networkDockerId)
    const addresses = request.addresses.map((one) => addressIn(network, one))
    const [first] = addresses
    if (first === undefined) throw errors.ADDRESS_INVALID('', 'none is given')
    const mac = this.#mac(network, request.mac ?? macOfIp(addressOf(first)))
    const { endpointId: id } = request
    const endpoint = { id, network: network.id, addresses, mac }
    this.#created.set(id, endpoint)
    this.#parts.clock.after(lifetimeMs, () => {
      if (this.#created.get(id) === endpoint) this.#created.delete(id)
    })
    return { mac }
  }

  join(request: JoinRequest): Promise<DriverInterface> {
    const { endpointId } = request
    return this.#serialised.run(endpointId, async () => {
      const { attachments, endpoints } = this.#parts
      // Docker repeats a call whose answer it did not get.
      if (!attachments.get(endpointId)) {
        endpoints.hold(endpointId)
        try {
          await this.#join(request)
        } finally {
          endpoints.letGo(endpointId)
        }
      }
      return { name: hostLinkName(endpointId) }
    })
  }

  /** What cannot be done now is done by `reconcile`. */
  delete(endpointId: string): Promise<void> {
    return this.#serialised.run(endpointId, async () => {
      this.#created.delete(endpointId)
      const { attachments, endpoints, log } = this.#parts
      const attachment = attachments.get(endpointId)
      if (attachment === undefined) return
      const { endpoint, network } = attachment
      const fields = { network: network.name, endpoint: endpoint.name }
      await endpoints.exclusively(attachment, async () => {
        const problems = await endpoints.release(attachment)
        if (problems.length === 0) log.info(fields, 'disconnected by Docker')
      })
    })
  }

  describe(endpointId: string): Record<string, string> {
    const attachment = this.#parts.attachments.get(endpointId)
    if (attachment === undefined) return {}
    const { endpoint, network } = attachment
    return {
      'overtap.network': network.name,
      'overtap.vni': String(network.vni),
      'overtap.mac': endpoint.mac,
    }
  }

  name(endpointId: string, names: DriverEndpointNames): Promise<void> {
    return this.#serialised.run(endpointId, async () => {
      const { attachments, endpoints, system } = this.#parts
      const attachment = attachments.get(endpointId)
      if (!attachment?.endpoint.driver) return
      const tap = await findTap(attachment.endpoint, system)
      await endpoints.exclusively(attachment, async () => {
        if (!isPresent(attachment, this.#parts)) return
        await rename(attachment, names, tap?.name, this.#parts)
      })
    })
  }

  async #join({ endpointId, sandbox }: JoinRequest): Promise<void> {
    const { membership, endpoints, log } = this.#parts
    const created = this.#created.get(endpointId)
    if (created === undefined) throw errors.DOCKER_ENDPOINT_UNKNOWN(endpointId)
    const order = { ...created, sandbox }
    await membership.during(created.network, () =>
      endpoints.exclusively({ namespace: namespaceOf(sandbox) }, () =>
        withUndo(log, { netns: sandbox }, (undo) =>
          join(order, this.#reservations, this.#parts, undo),
        ),
      ),
    )
    this.#created.delete(endpointId)
  }

  /** MAC_INVALID, MAC_IN_USE. */
  #mac({ id, subnets }: Network, text: string): string {
    if (!isMac(text) || isGroupMac(text)) throw errors.MAC_INVALID(text)
    const mac = canonicalMac(text)
    const gateways = subnets.map(({ gateway }) => macOfIp(gateway))
    if (gateways.includes(mac)) {
      throw errors.MAC_IN_USE(mac, 'the gateway', 'every host')
    }
    const rows = [...this.#parts.view.endpoints(id).values()]
    const holder = rows.find(({ value }) => value.mac === mac)?.value
    if (holder) throw errors.MAC_IN_USE(mac, holder.name, holder.host)
    return mac
  }
}

function isPresent(one: Attachment, { attachments }: DriverParts): boolean {
  return attachments.get(one.endpoint.id) === one
}

function namespaceOf(sandbox: string) {
  return sandboxOf({ netns: sandbox, name: '' })
}

/** In canonical spelling. ADDRESS_INVALID. */
function addressIn({ subnets }: Network, text: string): string {
  if (!isCidr(text)) throw errors.ADDRESS_INVALID(text, 'not an address')
  const address = addressOf(text)
  const home = subnets.find(({ subnet }) => cidrContains(subnet, address))
  if (home === undefined) {
    const all = subnets.map(({ subnet }) => subnet).join(', ')
    throw errors.ADDRESS_INVALID(text, `outside of ${all}`)
  }
  return withPrefix(address, home.subnet)
}
