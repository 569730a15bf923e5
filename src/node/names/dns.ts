import type { ClusterView, RowView } from '../../store/cluster-view.js'
import { addressOf } from '../../net/cidr.js'
import type { DnsRecord, Endpoint, Network } from '../../store/records.js'
import { findNetwork, networksAsked } from '../network-lookup.js'
import type { Rows } from '../rows.js'
import type {
  DnsUseCases,
  LookupRequest,
  LookupView,
  NameView,
} from '../use-cases.js'
import { DnsRecords } from './dns-records.js'
import type { DnsRecordsParts } from './dns-records.js'
import { lookUp } from './name-lookup.js'
import type { NameLookupParts } from './name-lookup.js'

export interface DnsParts extends DnsRecordsParts, NameLookupParts {
  readonly view: ClusterView
  readonly rows: Rows
}

export class Dns implements DnsUseCases {
  readonly #parts: DnsParts
  readonly #records: DnsRecords

  constructor(parts: DnsParts) {
    this.#parts = parts
    this.#records = new DnsRecords(parts)
  }

  async list(reference?: string): Promise<readonly NameView[]> {
    const { view, rows } = this.#parts
    const found: NameView[] = []
    const networks = networksAsked(view, reference)
    for await (const [network, some] of rows.ofEach(networks)) {
      found.push(...namesOf(network, some))
    }
    return found.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  }

  async add(
    network: string,
    name: string,
    addresses: readonly string[],
  ): Promise<NameView> {
    const record = await this.#records.add(network, name, addresses)
    return recordView(findNetwork(this.#parts.view, network).value, record)
  }

  async remove(
    network: string,
    name: string,
    addresses: readonly string[],
  ): Promise<NameView | null> {
    const left = await this.#records.remove(network, name, addresses)
    if (left === null) return null
    return recordView(findNetwork(this.#parts.view, network).value, left)
  }

  lookup(request: LookupRequest): Promise<readonly LookupView[]> {
    return lookUp(request, this.#parts)
  }

  flush(): number {
    return this.#parts.names.flush()
  }
}

function namesOf(network: Network, rows: RowView): NameView[] {
  const endpoints = [...rows.endpoints(network.id).values()]
  const records = [...rows.dnsRecords(network.id).values()]
  return [
    ...endpoints.flatMap(({ value }) => endpointNames(network, value)),
    ...records.map(({ value }) => recordView(network, value)),
  ]
}

function endpointNames(network: Network, endpoint: Endpoint): NameView[] {
  const { name, hostname, aliases, host } = endpoint
  const addresses = endpoint.addresses.map(addressOf)
  const named = { network, addresses, host }
  return [
    { ...named, name, kind: 'container' },
    ...(hostname === undefined
      ? []
      : [{ ...named, name: hostname, kind: 'host-name' as const }]),
    ...aliases.map((alias) => ({
      ...named,
      name: alias,
      kind: 'alias' as const,
    })),
  ]
}

function recordView(
  network: Network,
  { name, addresses }: DnsRecord,
): NameView {
  return { network, name, addresses, kind: 'record', host: '' }
}

function sortKey({ network, name, kind, addresses }: NameView): string {
  return [network.name, name, kind, ...addresses].join('/')
}
