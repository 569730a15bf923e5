import { randomBytes } from 'node:crypto'
import { errors } from '../../base/errors.js'
import { staticAddress } from '../../ipam/addresses.js'
import { addressOf } from '../../net/cidr.js'
import { canonicalIp, isIp } from '../../net/ip.js'
import { keys } from '../../store/records.js'
import type { Network, Subnet } from '../../store/records.js'
import type { Claim } from '../attachments.js'
import { claimAddress } from '../endpoints/address-claims.js'
import type { AddressOwner } from '../endpoints/address-claims.js'
import { release } from '../endpoints/address-release.js'
import type { DriverParts } from './parts.js'

/** An address that Docker has, and whose container is not connected yet. */
export interface Reservation {
  readonly network: string
  /** With prefix length. */
  readonly address: string
  /** Stands in for the endpoint, which nobody knows when it is asked for. */
  readonly owner: AddressOwner
  readonly claim: Claim
  /** The user did. */
  readonly isChosen: boolean
}

interface AddressWish {
  /** Absent: the next free one. */
  readonly address?: string
  readonly name?: string
}

const limit = 4096
/** Docker needs moments; it may have been killed meanwhile. */
const lifetimeMs = 120_000

/**
 * Addresses between RequestAddress and Join. They are records of the cluster at
 * once, in the name of this host: nobody else gets them, and when the daemon
 * ends the next one gives them back.
 */
export class Reservations {
  readonly #parts: DriverParts
  readonly #byKey = new Map<string, Reservation>()

  constructor(parts: DriverParts) {
    this.#parts = parts
  }

  get(network: string, address: string): Reservation | undefined {
    return this.#byKey.get(keys.address(network, address))
  }

  /** ADDRESS_IN_USE, ADDRESS_INVALID, ADDRESSES_EXHAUSTED, STORE_SETTLING. */
  async make(
    network: Network,
    subnet: Subnet,
    wish: AddressWish,
  ): Promise<Reservation> {
    const { membership, endpoints, writer } = this.#parts
    if (this.#byKey.size >= limit) throw errors.DRIVER_BUSY(limit, 'addresses')
    writer.requireSettled()
    const wanted =
      wish.address === undefined ? null : staticAddress(wish.address, [subnet])
    return membership.during(network.id, async () => {
      const owner = this.#owner(network, wanted?.address, wish.name)
      endpoints.hold(owner.endpoint)
      try {
        const order = { network, subnets: [subnet], owner }
        const claimed = await claimAddress(this.#parts, order, wanted)
        const isChosen = wanted !== null
        const held = { network: network.id, owner, isChosen, ...claimed }
        return this.#keep(held)
      } catch (error) {
        endpoints.letGo(owner.endpoint)
        throw error
      }
    })
  }

  /** It is an endpoint's now, or was given back. */
  forget({ network, address, owner }: Reservation): void {
    this.#byKey.delete(keys.address(network, addressOf(address)))
    this.#parts.endpoints.letGo(owner.endpoint)
  }

  /**
   * Gives an address back that is no endpoint's: one that was asked for and not
   * used, or that the daemon before had.
   */
  async release(network: string, text: string): Promise<void> {
    const ip = text.split('/')[0] ?? ''
    if (!isIp(ip)) return
    const address = canonicalIp(ip)
    const reservation = this.get(network, address)
    if (reservation) {
      this.forget(reservation)
      const { claim, owner } = reservation
      await release(this.#parts, network, [claim], owner)
      await this.#parts.membership.leaveUnused(network)
    } else await this.#releaseStray(network, address)
  }

  async #releaseStray(network: string, address: string): Promise<void> {
    const { view, attachments, config } = this.#parts
    const found = view.addresses(network).get(address)
    if (found === undefined || found.value.released) return
    const { host, endpoint } = found.value
    if (host !== config.host || attachments.get(endpoint)) return
    const key = keys.address(network, address)
    const { version } = found
    await release(this.#parts, network, [{ key, version }], found.value)
  }

  /**
   * Docker before 29 tells no name with the address. Who asks for one that was
   * given back a moment ago gets it: a container that is started again has its
   * old address, and with it its old MAC.
   */
  #owner(
    network: Network,
    wanted: string | undefined,
    name: string | undefined,
  ): AddressOwner {
    const { view, config } = this.#parts
    const endpoint = randomBytes(32).toString('hex')
    const released =
      wanted === undefined
        ? undefined
        : view.addresses(network.id).get(wanted)?.value.released
    return {
      host: config.host,
      endpoint,
      name: released?.name ?? name ?? endpoint.slice(0, 12),
    }
  }

  #keep(reservation: Reservation): Reservation {
    const { clock, log } = this.#parts
    const { network, address } = reservation
    const ip = addressOf(address)
    this.#byKey.set(keys.address(network, ip), reservation)
    clock.after(lifetimeMs, () => {
      if (this.get(network, ip) !== reservation) return
      log.warn({ address: ip }, 'Docker asked for an address and left it')
      this.release(network, ip).catch((error: unknown) => {
        log.warn({ err: error, address: ip }, 'it is given back later')
      })
    })
    return reservation
  }
}
