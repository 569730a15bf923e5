import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.js'
import { timestamp } from '../base/clock.js'
import type { Config } from '../base/config.js'
import { errors } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import type { ClusterView, RowView, Versioned } from '../store/cluster-view.js'
import { keys } from '../store/records.js'
import type { Network } from '../store/records.js'
import type { Routes } from '../system/system.js'
import type { Replica } from '../store/replica.js'
import { findNetwork, findNetworkNow } from './network-lookup.js'
import { unknownOptions } from './network-options.js'
import { planNetwork } from './network-plan.js'
import type { NetworkPlan } from './network-plan.js'
import { foreignPrefixes } from './own-routes.js'
import type { RecordWriter } from './record-writer.js'
import type { Rows } from './rows.js'
import type {
  CreateNetwork,
  NetworkUseCases,
  NetworkView,
} from './use-cases.js'

export interface NetworksParts {
  readonly config: Config
  readonly view: ClusterView & Pick<Replica, 'onChange'>
  readonly writer: RecordWriter
  readonly rows: Rows
  readonly routes: Routes
  readonly clock: Clock
  readonly log: Logger
}

export class Networks implements NetworkUseCases {
  readonly #parts: NetworksParts

  constructor(parts: NetworksParts) {
    this.#parts = parts
  }

  list(): readonly Network[] {
    return [...this.#parts.view.networks.values()]
      .map(({ value }) => value)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  onChange(listener: () => void): () => void {
    return this.#parts.view.onChange((changes) => {
      if (changes.some(({ kind }) => kind === 'network')) listener()
    })
  }

  async inspect(reference: string): Promise<NetworkView> {
    const { view, rows } = this.#parts
    const network = findNetwork(view, reference).value
    return look(network, await rows.of(network.id))
  }

  async create(request: CreateNetwork, id = networkId()): Promise<NetworkView> {
    const { config, view, writer, routes, clock, log } = this.#parts
    writer.requireSettled()
    const ownRoutes = foreignPrefixes(await routes.prefixes(), view)
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
    return { network, endpoints: [] }
  }

  async remove(reference: string): Promise<void> {
    const { view, rows, writer, log } = this.#parts
    const catchUp = () => writer.catchUp()
    const name = await writer.retrying(async () => {
      const network = await findNetworkNow(view, catchUp, reference)
      const members = await rows.read([network.value.id])
      refuseInUse(network.value, members)
      await this.#delete(network, members)
      await this.#deleteNames(network.value)
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

  #delete(
    { value: { id, name }, version }: Versioned<Network>,
    rows: RowView,
  ): Promise<void> {
    const addresses = [...rows.addresses(id).keys()]
    const names = [...rows.dnsRecords(id).keys()]
    return this.#parts.writer.commit({
      guards: [
        { key: keys.network(id), version },
        { empty: keys.endpoints(id) },
      ],
      deletes: [
        keys.network(id),
        keys.networkName(name),
        ...addresses.map((address) => keys.address(id, address)),
        ...names.map((one) => keys.dnsRecord(id, one)),
      ],
    })
  }

  /** Those that came between reading and deleting; now none can come. */
  async #deleteNames({ id }: Network): Promise<void> {
    const { rows, writer } = this.#parts
    const names = [...(await rows.read([id])).dnsRecords(id).keys()]
    if (names.length === 0) return
    await writer.commit({
      deletes: names.map((one) => keys.dnsRecord(id, one)),
    })
  }
}

/** A new one. */
export function networkId(): string {
  return randomBytes(32).toString('hex')
}

function refuseInUse(network: Network, rows: RowView): void {
  const holders = look(network, rows).endpoints.map(({ name, host }) => ({
    endpoint: name,
    host,
  }))
  if (holders.length > 0) throw errors.NETWORK_IN_USE(network.name, holders)
}

function look(network: Network, rows: RowView): NetworkView {
  const endpoints = [...rows.endpoints(network.id).values()]
    .map(({ value }) => value)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { network, endpoints }
}
