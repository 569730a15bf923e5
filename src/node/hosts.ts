import type { Config } from '../base/config.js'
import type { ClusterView } from '../store/cluster-view.js'
import type { Store } from '../store/store.js'
import { phaseOf } from './janitor/host-phase.js'
import type { HostPhase } from './janitor/host-phase.js'
import type { HostUseCases, HostView } from './use-cases.js'

export interface HostsParts {
  /** The name of this one. */
  readonly host: string
  readonly config: Pick<Config, 'lease'>
  readonly store: Store
  readonly view: ClusterView
}

export class Hosts implements HostUseCases {
  readonly #parts: HostsParts

  constructor(parts: HostsParts) {
    this.#parts = parts
  }

  async list(): Promise<readonly HostView[]> {
    const { host: self, config, store, view } = this.#parts
    const leases = await store.leases()
    const leaseOf = new Map(leases.map((lease) => [lease.host, lease]))
    return [...view.hosts.values()]
      .map(({ value }) => ({
        ...value,
        health: shown(phaseOf(leaseOf.get(value.name), config.lease)),
        self: value.name === self,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/** That its time is up makes a difference only to the janitor. */
function shown(phase: HostPhase): HostView['health'] {
  return phase === 'freed' ? 'dead' : phase
}
