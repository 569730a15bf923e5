import { version } from '../base/version.js'
import type { Engine } from '../engine/engine.js'
import type { ClusterView } from '../store/cluster-view.js'
import type { Store } from '../store/store.js'
import type { Attachments } from './attachments.js'
import type { Forwarding } from './forwarding/forwarding.js'
import type { Gateway } from './gateway/gateway.js'
import type { NameService } from './names/name-service.js'
import type { PathMtus } from './paths/path-mtus.js'
import type { Upcalls } from './upcalls.js'
import type { NodeStatus } from './use-cases.js'
import type { Vtep } from '../net/vtep.js'

export interface StatusParts {
  readonly host: string
  readonly vtep: Vtep
  readonly startedAt: string
  readonly store: Store
  readonly view: ClusterView
  readonly engine: Engine
  readonly attachments: Attachments
  readonly forwarding: Forwarding
  readonly upcalls: Upcalls
  readonly names: Pick<NameService, 'status'>
  readonly paths: Pick<PathMtus, 'all'>
  readonly gateway: Pick<Gateway, 'status'>
}

export function nodeStatus(parts: StatusParts): NodeStatus {
  const { host, vtep, startedAt, store, view, attachments } = parts
  return {
    version,
    host,
    address: vtep.address,
    port: vtep.port,
    startedAt,
    store: {
      description: store.description,
      state: store.state,
      revision: view.revision,
    },
    engine: engineStatus(parts),
    gateway: parts.gateway.status(),
    names: parts.names.status(),
    hosts: view.hosts.size,
    networks: view.networks.size,
    endpoints: attachments.all().length,
  }
}

function engineStatus({ engine, forwarding, upcalls, paths }: StatusParts) {
  const counters = engine.counters()
  return {
    features: engine.features(),
    pauses: engine.pauses(),
    counters: {
      ...counters,
      drops: { ...counters.drops, ...slowPathDrops(upcalls.ignored) },
    },
    peers: forwarding.peerNames(),
    pathMtus: paths.all(),
    ports: forwarding.portNames(),
  }
}

/** Beside the engine's own reasons, without being taken for one of them. */
function slowPathDrops(
  ignored: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(ignored).map(([reason, count]) => [
      `slow_path_${reason.replaceAll('-', '_')}`,
      count,
    ]),
  )
}
