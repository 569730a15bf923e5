import { randomBytes } from 'node:crypto'
import { errors } from '../../base/errors.js'
import { localPrefix } from '../../ipam/local-prefix.js'
import { nextSubnet } from '../../ipam/subnet-pools.js'
import { planSubnets } from '../../ipam/subnets.js'
import type { Occupied } from '../../ipam/subnets.js'
import { canonicalCidr, isCidr } from '../../net/cidr.js'
import { keys } from '../../store/records.js'
import type { Network, Subnet } from '../../store/records.js'
import { findNetworkNow } from '../network-lookup.js'
import { nextInLine, occupiedPrefixes } from '../network-plan.js'
import { foreignPrefixes } from '../own-routes.js'
import type { DriverParts } from './parts.js'
import { PendingPools } from './pending-pools.js'
import type { PendingPool } from './pending-pools.js'
import type { Pool, PoolRequest } from './use-cases.js'

/** What the id of a pool means. */
export type FoundPool =
  | { readonly pending: PendingPool }
  | { readonly network: Network; readonly subnet: Subnet }

/**
 * Subnets as Docker asks for them: before the network, or of one that is there
 * already. A pool's id is `<network or random>/<subnet>`.
 */
export class Pools {
  readonly #parts: DriverParts
  readonly pending: PendingPools

  constructor(parts: DriverParts) {
    this.#parts = parts
    this.pending = new PendingPools(parts.clock)
  }

  async request(request: PoolRequest): Promise<Pool> {
    if (request.network !== undefined) return this.#existing(request)
    this.#parts.writer.requireSettled()
    const { subnet } = request
    if (subnet !== undefined) return this.#explicit(subnet, request.range)
    return this.pending.add(
      request.v6 ? await this.#nextLocal() : await this.#next(),
      undefined,
    )
  }

  /** POOL_UNKNOWN. */
  find(poolId: string): FoundPool {
    const pending = this.pending.get(poolId)
    if (pending) return { pending }
    const slash = poolId.indexOf('/')
    const subnet = poolId.slice(slash + 1)
    const found = this.#networks(poolId, poolId.slice(0, slash))
      .flatMap((network) =>
        network.subnets.map((one) => ({ network, subnet: one })),
      )
      .find((one) => one.subnet.subnet === subnet)
    if (found === undefined) throw errors.POOL_UNKNOWN(subnet)
    return found
  }

  /**
   * Where it may be. With a journal that was lost nothing but the subnet tells;
   * no two networks have the same.
   */
  #networks(poolId: string, owner: string): Network[] {
    const { view, map } = this.#parts
    const mapped = map.all().find(({ pools }) => pools.includes(poolId))
    const id = mapped?.network ?? owner
    const isKnown = mapped !== undefined || /^[0-9a-f]{64}$/.test(owner)
    const known = view.networks.get(id)?.value
    if (isKnown) return known ? [known] : []
    return [...view.networks.values()].map(({ value }) => value)
  }

  async #existing({ network, subnet, v6 }: PoolRequest): Promise<Pool> {
    const { value } = await findNetwork(network ?? '', this.#parts)
    const wanted =
      subnet !== undefined && isCidr(subnet) ? canonicalCidr(subnet) : subnet
    const found = value.subnets.find((one) =>
      wanted === undefined
        ? one.subnet.includes(':') === v6
        : one.subnet === wanted,
    )
    if (found === undefined) {
      throw errors.POOL_MISMATCH(value.name, wanted ?? (v6 ? 'IPv6' : 'IPv4'))
    }
    return { id: `${value.id}/${found.subnet}`, subnet: found.subnet }
  }

  async #explicit(subnet: string, range: string | undefined): Promise<Pool> {
    const [planned] = planSubnets(
      {
        subnets: [subnet],
        gateways: [],
        ipRanges: range === undefined ? [] : [range],
      },
      await this.#occupied(),
    )
    if (planned === undefined) throw errors.SUBNET_INVALID(subnet, 'not a CIDR')
    return this.pending.add(planned.subnet, planned.ipRange)
  }

  /**
   * The line goes on behind it at once, so that another host that creates a
   * network at the same time gets the next one.
   */
  async #next(): Promise<string> {
    const { view, writer, config } = this.#parts
    return writer.retrying(async () => {
      const occupied = await this.#occupied()
      const version = view.allocation?.version ?? null
      const { nextVni, nextPool } = nextInLine({ view, config })
      const { subnet, next } = nextSubnet(config.pools, nextPool, occupied)
      await writer.commit({
        guards: [{ key: keys.allocation, version }],
        puts: [{ key: keys.allocation, value: { nextVni, nextPool: next } }],
      })
      return subnet
    })
  }

  async #nextLocal(): Promise<string> {
    const id = randomBytes(32).toString('hex')
    return localPrefix(id, await this.#occupied())
  }

  async #occupied(): Promise<Occupied[]> {
    const { view, config, routes } = this.#parts
    const ownRoutes = foreignPrefixes(await routes.prefixes(), view)
    const taken = occupiedPrefixes({}, { view, config, ownRoutes })
    return [...taken, ...this.pending.occupied()]
  }
}

/** One that was made on another host a moment ago is waited for. */
export function findNetwork(
  reference: string,
  { view, writer }: Pick<DriverParts, 'view' | 'writer'>,
) {
  return findNetworkNow(view, () => writer.catchUp(), reference)
}
