import type { PortId } from '../../engine/engine.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { Endpoint } from '../../store/records.js'
import { vtepText } from '../../net/vtep.js'
import type { Vtep } from '../../net/vtep.js'
import type { LearnedSources } from './learned-sources.js'

/** Where frames for an endpoint go. */
export type EndpointWay =
  | {
      readonly kind: 'local'
      readonly endpoint: Endpoint
      readonly port: PortId
    }
  | {
      readonly kind: 'remote'
      readonly endpoint: Endpoint
      readonly vtep: Vtep
    }

/** Where frames for one MAC go. */
export type Way =
  | EndpointWay
  | { readonly kind: 'gateway'; readonly addresses: readonly string[] }
  | { readonly kind: 'learned'; readonly vtep: Vtep }

/** What this host knows beside the records. */
export interface LocalKnowledge {
  readonly host: string
  /** This host's own VTEP. */
  readonly vtep: Vtep
  /** The open TAP of an endpoint of this host. */
  readonly portOf: (endpointId: string) => PortId | undefined
  /** Sources seen behind static peers. */
  readonly learned: Pick<LearnedSources, 'of' | 'vtepOf'>
}

/** Undefined for an endpoint whose TAP or whose host is not known yet. */
export function wayTo(
  endpoint: Endpoint,
  hosts: ClusterView['hosts'],
  local: LocalKnowledge,
): EndpointWay | undefined {
  if (endpoint.host === local.host) {
    const port = local.portOf(endpoint.id)
    return port === undefined ? undefined : { kind: 'local', endpoint, port }
  }
  const host = hosts.get(endpoint.host)?.value
  if (host === undefined) return undefined
  const vtep = { address: host.address, port: host.port }
  if (vtepText(vtep) === vtepText(local.vtep)) return undefined
  return { kind: 'remote', endpoint, vtep }
}
