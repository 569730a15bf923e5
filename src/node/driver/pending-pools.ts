import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.js'
import { errors } from '../../base/errors.js'
import { isHostAddress } from '../../ipam/subnets.js'
import type { Occupied } from '../../ipam/subnets.js'
import { firstHost } from '../../net/cidr.js'
import { canonicalIp, isIp } from '../../net/ip.js'
import type { Pool } from './use-cases.js'

/** A subnet that Docker has asked for, and whose network it has not made yet. */
export interface PendingPool extends Pool {
  readonly range: string | undefined
  /** Addresses that are taken: the gateway's, and those of others. */
  readonly reserved: Set<string>
}

const limit = 256
const lifetimeMs = 120_000

/**
 * Pools between RequestPool and CreateNetwork, a moment later. They are in
 * memory only: when the daemon ends meanwhile Docker is refused the network,
 * and its user repeats the command; nothing is left of it anywhere.
 */
export class PendingPools {
  readonly #clock: Clock
  readonly #pools = new Map<string, PendingPool>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** DRIVER_BUSY. */
  add(subnet: string, range: string | undefined): PendingPool {
    if (this.#pools.size >= limit) {
      throw errors.DRIVER_BUSY(limit, 'address pools')
    }
    const id = `${randomBytes(6).toString('hex')}/${subnet}`
    const pool = { id, subnet, range, reserved: new Set<string>() }
    this.#pools.set(id, pool)
    this.#clock.after(lifetimeMs, () => {
      this.delete(id)
    })
    return pool
  }

  get(id: string): PendingPool | undefined {
    return this.#pools.get(id)
  }

  ofSubnet(subnet: string): PendingPool | undefined {
    return [...this.#pools.values()].find((pool) => pool.subnet === subnet)
  }

  delete(id: string): void {
    this.#pools.delete(id)
  }

  occupied(): Occupied[] {
    return [...this.#pools.values()].map(({ subnet }) => ({
      prefix: subnet,
      holder: 'a network of Docker that is being created',
    }))
  }
}

/** An address of a pool that has no network yet: a gateway's, or reserved. */
export function reserve(
  { subnet, reserved }: PendingPool,
  wanted = firstHost(subnet),
): string {
  if (!isIp(wanted)) throw errors.ADDRESS_INVALID(wanted, 'not an address')
  const address = canonicalIp(wanted)
  if (!isHostAddress(subnet, address)) {
    throw errors.ADDRESS_INVALID(wanted, `no address for hosts in ${subnet}`)
  }
  if (reserved.has(address)) throw errors.ADDRESS_IN_USE(address)
  reserved.add(address)
  return address
}
