import type { ClusterView } from '../store/cluster-view.js'
import type { LeaseState, Store } from '../store/store.js'
import type { HostUseCases, HostView } from './use-cases.js'

/** How long after its lease a host may still come back without being missed. */
const suspectMs = 45_000

export class Hosts implements HostUseCases {
  readonly #self: string
  readonly #store: Store
  readonly #view: ClusterView

  constructor(self: string, store: Store, view: ClusterView) {
    this.#self = self
    this.#store = store
    this.#view = view
  }

  async list(): Promise<readonly HostView[]> {
    const leases = await this.#store.leases()
    const leaseOf = new Map(leases.map((lease) => [lease.host, lease]))
    return [...this.#view.hosts.values()]
      .map(({ value }) => ({
        ...value,
        health: health(leaseOf.get(value.name)),
        self: value.name === this.#self,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

function health(lease: LeaseState | undefined): HostView['health'] {
  if (lease === undefined) return 'down'
  if (lease.remainingMs > 0) return 'up'
  return lease.remainingMs > -suspectMs ? 'suspect' : 'down'
}
