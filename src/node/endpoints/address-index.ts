import { isInTurn, lastGiven } from '../../ipam/next-fit.js'
import type { Claims } from '../../ipam/next-fit.js'
import { cidrContains } from '../../net/cidr.js'
import type {
  ClusterView,
  RecordChange,
  Versioned,
} from '../../store/cluster-view.js'
import type { AddressClaim, Subnet } from '../../store/records.js'
import type { Revision } from '../../store/store.js'

interface Given {
  readonly address: string
  readonly version: Revision
}

/** What is known of one network. */
interface Known {
  /** Addresses in quarantine. */
  readonly released: Set<string>
  /** Where the sequence of each subnet stands. */
  readonly last: Map<string, Given>
}

/**
 * What giving an address asks of the claims of a network. It is found once and
 * then kept up to date, so that it costs the same in a large network.
 */
export class AddressIndex {
  readonly #view: ClusterView
  readonly #networks = new Map<string, Known>()

  constructor(view: ClusterView) {
    this.#view = view
  }

  /** Of networks that nobody asked about nothing is kept. */
  apply(changes: readonly RecordChange[]): void {
    for (const { kind, id, after } of changes) {
      if (kind === 'network' && after === undefined) this.#networks.delete(id)
      if (kind !== 'address') continue
      const slash = id.indexOf('/')
      const known = this.#networks.get(id.slice(0, slash))
      if (known) this.#note(known, id.slice(0, slash), id.slice(slash + 1))
    }
  }

  /**
   * The address of a subnet that was given last, of those still in use.
   * `siblings` are all subnets of its family.
   */
  lastGiven(
    network: string,
    { subnet }: Subnet,
    siblings: readonly Subnet[],
  ): string | undefined {
    const { last } = this.#of(network)
    const claims = this.#view.addresses(network)
    const known = last.get(subnet)
    if (known && this.#isCurrent(known, claims)) return known.address
    const address = lastGiven(subnet, siblings.length === 1, claims)
    const version = claims.get(address ?? '')?.version
    if (address === undefined || version === undefined) return undefined
    last.set(subnet, { address, version })
    return address
  }

  /** This daemon has just been given an address; the feed will say so, too. */
  given(
    network: string,
    { subnet }: Subnet,
    address: string,
    version: Revision,
  ): void {
    const { last } = this.#of(network)
    const before = last.get(subnet)?.version ?? 0
    if (version > before) last.set(subnet, { address, version })
  }

  /** The claims of a network that are in quarantine. */
  released(network: string): [string, Versioned<AddressClaim>][] {
    const claims = this.#view.addresses(network)
    return [...this.#of(network).released].flatMap((address) => {
      const claim = claims.get(address)
      return claim?.value.released === undefined ? [] : [[address, claim]]
    })
  }

  /** Still as it was when it was given, or not read yet. */
  #isCurrent({ address, version }: Given, claims: Claims): boolean {
    if (version > this.#view.revision) return true
    return claims.get(address)?.version === version
  }

  #of(network: string): Known {
    const present = this.#networks.get(network)
    if (present) return present
    const known: Known = { released: new Set(), last: new Map() }
    for (const [address, { value }] of this.#view.addresses(network)) {
      if (value.released !== undefined) known.released.add(address)
    }
    this.#networks.set(network, known)
    return known
  }

  #note({ released, last }: Known, network: string, address: string): void {
    const claim = this.#view.addresses(network).get(address)
    if (claim?.value.released === undefined) released.delete(address)
    else released.add(address)
    if (claim === undefined || !isInTurn(claim.value)) return
    const { version } = claim
    for (const [subnet, before] of last) {
      if (version <= before.version || !cidrContains(subnet, address)) continue
      last.set(subnet, { address, version })
    }
  }
}
