import { addressOf } from '../../net/cidr.js'
import type { ClusterView, RecordChange } from '../../store/cluster-view.js'
import type {
  AddressClaim,
  Endpoint,
  Host,
  Network,
} from '../../store/records.js'
import { vtepText } from '../../net/vtep.js'
import type { EventFields, EventKind, EventLog } from './event-log.js'

type News = readonly [kind: EventKind, message: string, fields: EventFields]

/**
 * Tells what the changed records mean to people: hosts, networks and endpoints
 * that came or went, on whatever host. What was there when the daemon started
 * is no news.
 */
export class ChangeEvents {
  readonly #events: EventLog
  readonly #view: Pick<ClusterView, 'networks'>

  constructor(events: EventLog, view: Pick<ClusterView, 'networks'>) {
    this.#events = events
    this.#view = view
  }

  apply(news: readonly RecordChange[]): void {
    for (const change of news) this.#tell(change)
  }

  #tell(change: RecordChange): void {
    const { before, after } = change
    if (before !== undefined && after !== undefined) return
    const news = this.#newsOf(change)
    if (news !== undefined) this.#events.record(...news)
  }

  #newsOf({ kind, id, before, after }: RecordChange): News | undefined {
    const came = after !== undefined
    switch (kind) {
      case 'host':
        return hostNews(after ?? before, came)
      case 'network':
        return networkNews(after ?? before, came)
      case 'endpoint':
        return this.#endpointNews(after ?? before, came)
      case 'address':
        return this.#addressNews(id, before)
      default:
        return undefined
    }
  }

  /** Only the end of a quarantine; endpoints tell of all else. */
  #addressNews(id: string, before: AddressClaim | undefined) {
    const [networkId = '', address = ''] = id.split('/')
    const network = this.#view.networks.get(networkId)?.value.name
    if (before?.released === undefined || network === undefined) {
      return undefined
    }
    const message = `${address} of ${network} may be given to others again`
    return ['address-freed', message, { network, address }] as const
  }

  /** A network that is gone by now is called by its id. */
  #endpointNews(endpoint: Endpoint | undefined, came: boolean) {
    if (endpoint === undefined) return undefined
    const { host, name } = endpoint
    const { networks } = this.#view
    const network =
      networks.get(endpoint.network)?.value.name ?? endpoint.network
    const address = endpoint.addresses.map(addressOf).join(', ')
    const did = came ? 'connected to' : 'left'
    return [
      came ? 'endpoint-connected' : 'endpoint-disconnected',
      `${name} (${address}) ${did} ${network} on ${host}`,
      { host, network, endpoint: name, address },
    ] as const
  }
}

function hostNews(host: Host | undefined, came: boolean): News | undefined {
  if (host === undefined) return undefined
  const { name, address } = host
  const message = came
    ? `${name} is in the cluster, at ${vtepText(host)}`
    : `${name} is no longer in the cluster`
  return [came ? 'host-up' : 'host-freed', message, { host: name, address }]
}

function networkNews(network: Network | undefined, came: boolean) {
  if (network === undefined) return undefined
  const { name, vni, subnets } = network
  const where = subnets.map(({ subnet }) => subnet).join(', ')
  return [
    came ? 'network-created' : 'network-removed',
    `network ${name} ${came ? 'created' : 'removed'} (VNI ${vni}, ${where})`,
    { network: name },
  ] as const
}
