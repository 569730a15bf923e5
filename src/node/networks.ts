import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.js'
import { timestamp } from '../base/clock.js'
import type { Config } from '../base/config.js'
import { errors } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import type { ClusterView, Versioned } from '../store/cluster-view.js'
import { keys } from '../store/records.js'
import type { Endpoint, Network } from '../store/records.js'
import type { Routes } from '../system/system.js'
import { findNetwork, findNetworkNow } from './network-lookup.js'
import { unknownOptions } from './network-options.js'
import { planNetwork } from './network-plan.js'
import type { NetworkPlan } from './network-plan.js'
import { foreignPrefixes } from './own-routes.js'
import type { RecordWriter } from './record-writer.js'
import type {
  CreateNetwork,
  NetworkUseCases,
  NetworkView,
} from './use-cases.js'

export interface NetworksParts {
  readonly config: Config
  readonly view: ClusterView
  readonly writer: RecordWriter
  readonly routes: Routes
  readonly clock: Clock
  readonly log: Logger
}

export class Networks implements NetworkUseCases {
  readonly #parts: NetworksParts

  constructor(parts: NetworksParts) {
    this.#parts = parts
  }

  list(): readonly NetworkView[] {
    return [...this.#parts.view.networks.values()]
      .map(({ value }) => this.#look(value))
      .sort((a, b) => (a.network.name < b.network.name ? -1 : 1))
  }

  inspect(reference: string): NetworkView {
    return this.#look(findNetwork(this.#parts.view, reference).value)
  }

  async create(request: CreateNetwork): Promise<NetworkView> {
    const { config, view, writer, routes, clock, log } = this.#parts
    writer.requireSettled()
    const ownRoutes = foreignPrefixes(await routes.prefixes(), view)
    const id = randomBytes(32).toString('hex')
    const createdAt = timestamp(clock)
    const network = await writer.retrying(async () => {
      const situation = { view, config, ownRoutes, id, createdAt }
      const { allocation } = view
      const plan = planNetwork(request, situation)
      await this.#write(plan, allocation?.version ?? null)
      return plan.network
    })
    const { name, vni } = network
    for (const option of unknownOptions(network.options)) {
      log.warn({ network: name, option }, 'unknown network option ignored')
    }
    log.info({ network: name, vni }, 'network created')
    return this.#look(network)
  }

  async remove(reference: string): Promise<void> {
    const { view, writer, log } = this.#parts
    const catchUp = () => writer.catchUp()
    const name = await writer.retrying(async () => {
      const network = await findNetworkNow(view, catchUp, reference)
      this.#refuseInUse(network.value)
      await this.#delete(network)
      return network.value.name
    })
    log.info({ network: name }, 'network removed')
  }

  /**
   * Every creation rewrites the allocation, so of two that planned at once one
   * conflicts: it cannot have seen the other's subnet.
   */
  #write(
    { network, allocation }: NetworkPlan,
    allocationVersion: number | null,
  ): Promise<void> {
    const name = keys.networkName(network.name)
    return this.#parts.writer.commit({
      guards: [
        { key: keys.allocation, version: allocationVersion },
        { key: name, version: null },
      ],
      puts: [
        { key: keys.network(network.id), value: network },
        { key: name, value: { network: network.id } },
        { key: keys.allocation, value: allocation },
      ],
    })
  }

  #delete({ value: { id, name }, version }: Versioned<Network>): Promise<void> {
    const { view, writer } = this.#parts
    const addresses = [...view.addresses(id).keys()]
    return writer.commit({
      guards: [
        { key: keys.network(id), version },
        { empty: keys.endpoints(id) },
      ],
      deletes: [
        keys.network(id),
        keys.networkName(name),
        ...addresses.map((address) => keys.address(id, address)),
      ],
    })
  }

  #refuseInUse(network: Network): void {
    const holders = this.#look(network).endpoints.map(({ name, host }) => ({
      endpoint: name,
      host,
    }))
    if (holders.length > 0) throw errors.NETWORK_IN_USE(network.name, holders)
  }

  #look(network: Network): NetworkView {
    const endpoints: Endpoint[] = [
      ...this.#parts.view.endpoints(network.id).values(),
    ].map(({ value }) => value)
    endpoints.sort((a, b) => (a.name < b.name ? -1 : 1))
    return { network, endpoints }
  }
}
