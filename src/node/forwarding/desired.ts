import type { NetworkPolicy, PortId } from '../../engine/engine.js'
import { macOfIp } from '../../net/mac.js'
import type { ClusterView, Versioned } from '../../store/cluster-view.js'
import type { Endpoint, Network } from '../../store/records.js'
import { readOptions } from '../network-options.js'
import { vtepText } from '../vtep.js'
import type { Vtep } from '../vtep.js'

/** Where frames for one MAC go. */
export type Way =
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
  | { readonly kind: 'gateway'; readonly addresses: readonly string[] }
  | { readonly kind: 'learned'; readonly vtep: Vtep }

/** All that the engine is told about one network. */
export interface NetworkState {
  readonly name: string
  readonly policy: NetworkPolicy
  /** By their text. */
  readonly vteps: ReadonlyMap<string, Vtep>
  /** By MAC. */
  readonly ways: ReadonlyMap<string, Way>
}

/** What this host knows beside the records. */
export interface LocalKnowledge {
  readonly host: string
  /** This host's own VTEP. */
  readonly vtep: Vtep
  /** The open TAP of an endpoint of this host. */
  readonly portOf: (endpointId: string) => PortId | undefined
  /** Sources seen behind static peers, by MAC. */
  readonly learned: ReadonlyMap<string, Vtep>
}

/**
 * What a network should look like in the engine. Later ways replace earlier
 * ones of the same MAC: the records beat what was learned, the newest record
 * beats older ones, and nobody takes the gateway's MAC.
 */
export function desiredState(
  network: Network,
  view: ClusterView,
  local: LocalKnowledge,
): NetworkState {
  const { peers, portSecurity } = readOptions(network.options, local.vtep.port)
  const endpoints = [...view.endpoints(network.id).values()]
    .sort((a, b) => a.version - b.version)
    .flatMap((endpoint) => placed(endpoint, view, local))
  const remote = endpoints.flatMap(([, way]) =>
    way.kind === 'remote' ? [way.vtep] : [],
  )
  const ways = [...learnedWays(local), ...endpoints, ...gatewayWays(network)]
  return {
    name: network.name,
    policy: {
      vni: network.vni,
      portSecurity,
      unknownUnicast: peers.length > 0 ? 'flood' : 'drop',
    },
    vteps: distinct([...remote, ...peers], local.vtep),
    ways: new Map(ways),
  }
}

/** Nothing for an endpoint whose TAP or whose host is not known yet. */
function placed(
  { value: endpoint }: Versioned<Endpoint>,
  view: ClusterView,
  local: LocalKnowledge,
): [string, Way][] {
  if (endpoint.host === local.host) {
    const port = local.portOf(endpoint.id)
    if (port === undefined) return []
    return [[endpoint.mac, { kind: 'local', endpoint, port }]]
  }
  const host = view.hosts.get(endpoint.host)?.value
  if (host === undefined) return []
  const vtep = { address: host.address, port: host.port }
  if (vtepText(vtep) === vtepText(local.vtep)) return []
  return [[endpoint.mac, { kind: 'remote', endpoint, vtep }]]
}

function learnedWays({ learned }: LocalKnowledge): [string, Way][] {
  return [...learned].map(([mac, vtep]) => [mac, { kind: 'learned', vtep }])
}

function gatewayWays({ subnets }: Network): [string, Way][] {
  return subnets.map(({ gateway }) => [
    macOfIp(gateway),
    { kind: 'gateway', addresses: [gateway] },
  ])
}

/** Never this host itself: it would send to its own socket. */
function distinct(vteps: readonly Vtep[], own: Vtep): Map<string, Vtep> {
  const byText = new Map(vteps.map((vtep) => [vtepText(vtep), vtep]))
  byText.delete(vtepText(own))
  return byText
}
