import { macOfIp } from '../../../../src/net/mac.js'
import type { NetworkState } from '../../../../src/node/forwarding/desired.js'
import { wayTo } from '../../../../src/node/forwarding/way.js'
import type {
  LocalKnowledge,
  Way,
} from '../../../../src/node/forwarding/way.js'
import { readOptions } from '../../../../src/node/network-options.js'
import { vtepText } from '../../../../src/net/vtep.js'
import type { ClusterView } from '../../../../src/store/cluster-view.js'
import type { Network } from '../../../../src/store/records.js'

/**
 * The table of a network from nothing but the records, in the plainest way:
 * what the one that is kept current must be equal to.
 */
export function recomputed(
  network: Network,
  view: Pick<ClusterView, 'endpoints' | 'hosts'>,
  local: LocalKnowledge,
): Pick<NetworkState, 'ways' | 'vteps'> {
  const { peers } = readOptions(network.options, local.vtep.port)
  const ways = [...view.endpoints(network.id).values()]
    .sort((a, b) => a.version - b.version || (a.value.id < b.value.id ? -1 : 1))
    .flatMap(({ value }) => wayTo(value, view.hosts, local) ?? [])
  const remote = ways.flatMap((way) => (way.kind === 'remote' ? way.vtep : []))
  const vteps = [...remote, ...peers].filter(
    (vtep) => vtepText(vtep) !== vtepText(local.vtep),
  )
  return {
    vteps: new Map(vteps.map((vtep) => [vtepText(vtep), vtep])),
    ways: new Map<string, Way>([
      ...[...local.learned.of(network.id)].map(
        ([mac, vtep]) => [mac, { kind: 'learned', vtep }] as const,
      ),
      ...ways.map((way) => [way.endpoint.mac, way] as const),
      ...network.subnets.map(
        ({ gateway }) =>
          [
            macOfIp(gateway),
            { kind: 'gateway', addresses: [gateway] },
          ] as const,
      ),
    ]),
  }
}
