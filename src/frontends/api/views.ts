import { arch, platform, release } from 'node:os'
import { version } from '../../base/version.js'
import type { TrafficCounters } from '../../engine/engine.js'
import type { DockerStatus } from '../docker/agent/agent.js'
import type { NodeEvent } from '../../node/events/event-log.js'
import { vtepText } from '../../net/vtep.js'
import { vxlanIdOption } from '../../node/network-options.js'
import type {
  EndpointView,
  FindingView,
  ForwardingRow,
  HostView,
  NameStatus,
  NetworkView,
  NodeHealth,
  NodeStatus,
  SubnetView,
} from '../../node/use-cases.js'
import type { Endpoint, Subnet } from '../../store/records.js'
import type {
  ContainerResponse,
  DnsStatusResponse,
  DockerStatusResponse,
  EndpointResponse,
  EventResponse,
  FindingResponse,
  ForwardingResponse,
  HostResponse,
  IpamConfig,
  NetworkResponse,
  StatusResponse,
  SubnetResponse,
  TrafficResponse,
  VersionResponse,
} from './schema.js'

export function versionResponse(): VersionResponse {
  return {
    Version: version,
    ApiVersion: '1',
    NodeVersion: process.version,
    KernelVersion: release(),
    Os: platform(),
    Arch: arch(),
  }
}

export function networkResponse(view: NetworkView): NetworkResponse {
  const { network, endpoints } = view
  return {
    Name: network.name,
    Id: network.id,
    Created: network.createdAt,
    Scope: 'global',
    Driver: 'overtap',
    EnableIPv6: network.subnets.some(({ subnet }) => subnet.includes(':')),
    Internal: network.internal,
    Attachable: true,
    IPAM: {
      Driver: 'overtap',
      Options: {},
      Config: network.subnets.map(ipamConfig),
    },
    VNI: network.vni,
    Containers: Object.fromEntries(
      endpoints.map((endpoint) => [endpoint.id, containerResponse(endpoint)]),
    ),
    Options: { ...network.options, [vxlanIdOption]: String(network.vni) },
    Labels: network.labels,
  }
}

function ipamConfig({
  subnet,
  gateway,
  ipRange,
  auxAddresses,
}: Subnet): IpamConfig {
  return {
    Subnet: subnet,
    Gateway: gateway,
    ...(ipRange !== undefined && { IPRange: ipRange }),
    ...(auxAddresses !== undefined && { AuxiliaryAddresses: auxAddresses }),
  }
}

function containerResponse(endpoint: Endpoint): ContainerResponse {
  return {
    Name: endpoint.name,
    EndpointID: endpoint.id,
    MacAddress: endpoint.mac,
    ...addressesByFamily(endpoint),
    Host: endpoint.host,
    Interface: endpoint.interface,
  }
}

function addressesByFamily({
  addresses,
}: {
  readonly addresses: readonly string[]
}): {
  IPv4Address: string
  IPv6Address: string
} {
  const isV6 = (address: string): boolean => address.includes(':')
  return {
    IPv4Address: addresses.find((address) => !isV6(address)) ?? '',
    IPv6Address: addresses.find(isV6) ?? '',
  }
}

export function subnetResponse(
  view: SubnetView,
  detailed: boolean,
): SubnetResponse {
  const addresses = view.addresses.map((one) => ({
    Address: one.address,
    State: one.state,
    Holder: one.holder,
    Host: one.host,
  }))
  return {
    Network: view.network.name,
    NetworkID: view.network.id,
    Subnet: view.subnet.subnet,
    Size: view.size,
    Used: view.used,
    Reserved: view.reserved,
    Quarantined: view.quarantined,
    Free: view.free,
    ...(detailed && { Addresses: addresses }),
  }
}

export function findingResponse(finding: FindingView): FindingResponse {
  const { network, endpoint, address, host } = finding
  return {
    Kind: finding.kind,
    Key: finding.key,
    Problem: finding.problem,
    Remedy: finding.remedy,
    Repaired: finding.repaired,
    ...(network !== undefined && { Network: network }),
    ...(endpoint !== undefined && { Endpoint: endpoint }),
    ...(address !== undefined && { Address: address }),
    ...(host !== undefined && { Host: host }),
  }
}

export function hostResponse(host: HostView): HostResponse {
  return {
    Name: host.name,
    Address: host.address,
    Port: host.port,
    Health: host.health,
    Version: host.version,
    StartedAt: host.startedAt,
    Self: host.self,
  }
}

export function endpointResponse(view: EndpointView): EndpointResponse {
  const { endpoint, network } = view
  return {
    EndpointID: endpoint.id,
    Name: endpoint.name,
    Network: network.name,
    NetworkID: network.id,
    Host: endpoint.host,
    ...addressesByFamily(endpoint),
    MacAddress: endpoint.mac,
    Interface: endpoint.interface,
    Target: endpoint.target,
    Aliases: endpoint.aliases,
    Publish: endpoint.publish,
    ...(endpoint.driver && { Driver: endpoint.driver }),
    State: view.isolated === true ? 'isolated' : 'attached',
    ...(view.gateway !== undefined && {
      Gateway: {
        Interface: view.gateway.interface,
        ...addressesByFamily(view.gateway),
      },
    }),
  }
}

export function forwardingResponse(row: ForwardingRow): ForwardingResponse {
  return {
    Network: row.network,
    VNI: row.vni,
    MacAddress: row.mac,
    Addresses: row.addresses,
    Endpoint: row.endpoint,
    To: row.to,
    Kind: row.kind,
  }
}

export function eventResponse(event: NodeEvent): EventResponse {
  const { host, network, endpoint, address } = event
  return {
    Sequence: event.sequence,
    Time: event.time,
    Kind: event.kind,
    Message: event.message,
    ...(host !== undefined && { Host: host }),
    ...(network !== undefined && { Network: network }),
    ...(endpoint !== undefined && { Endpoint: endpoint }),
    ...(address !== undefined && { Address: address }),
  }
}

export function statusResponse(
  status: NodeStatus,
  health: NodeHealth,
  docker?: DockerStatus,
): StatusResponse {
  const { engine, store } = status
  return {
    Version: status.version,
    Host: status.host,
    Address: status.address,
    Port: status.port,
    StartedAt: status.startedAt,
    Problems: health.problems,
    LeaseMs: health.leaseMs,
    Store: {
      Description: store.description,
      State: store.state,
      Revision: store.revision,
      SettlesInMs: health.settlesInMs,
    },
    Engine: {
      Features: engine.features.map(({ name, state, reason }) => ({
        Name: name,
        State: state,
        Reason: reason,
      })),
      Pauses: engine.pauses.map(({ feature, peer, reason }) => ({
        Feature: feature,
        Peer: engine.peers[peer] ?? String(peer),
        Reason: reason,
      })),
      Upcalls: engine.counters.upcalls,
      Ports: traffic(engine.counters.ports, engine.ports),
      Peers: peers(engine),
      Drops: engine.counters.drops,
    },
    Gateway: {
      State: status.gateway.state,
      Reason: status.gateway.reason,
      Bridge: status.gateway.bridge,
      Subnets: status.gateway.subnets,
      Containers: status.gateway.containers,
    },
    Dns: dnsResponse(status.names),
    Docker: docker ? dockerResponse(docker) : null,
    Hosts: status.hosts,
    HostHealth: health.hosts && {
      Up: health.hosts.up,
      Suspect: health.hosts.suspect,
      Dead: health.hosts.dead,
    },
    Networks: status.networks,
    Endpoints: {
      Local: status.endpoints,
      Total: health.endpoints,
    },
    Events: health.events.map(eventResponse),
  }
}

function dockerResponse({
  state,
  version,
  problem,
}: DockerStatus): DockerStatusResponse {
  return { State: state, Version: version, Problem: problem }
}

function dnsResponse(names: NameStatus): DnsStatusResponse {
  const { results } = names
  return {
    Queries: {
      Answered: results.answered,
      Nxdomain: results.nxdomain,
      Forwarded: results.forwarded,
      Cached: results.cached,
      Failed: results.failed,
      Refused: results.refused,
      Malformed: results.malformed,
    },
    OverUdp: names.transports.udp,
    OverTcp: names.transports.tcp,
    Upstreams: names.upstreams.map((upstream) => ({
      Server: vtepText(upstream.server),
      State: upstream.state,
      Queries: upstream.queries,
      Failures: upstream.failures,
      Problem: upstream.problem,
    })),
    Problem: names.problem,
    CachedAnswers: names.cachedAnswers,
    Waiting: names.waiting,
  }
}

function peers({ counters, peers, pathMtus }: NodeStatus['engine']) {
  return Object.entries(counters.peers).map(([id, counter]) => ({
    ...trafficOf(counter, peers[Number(id)] ?? id),
    PathMTU: pathMtus[Number(id)] ?? null,
  }))
}

function traffic(
  counters: Readonly<Record<number, TrafficCounters>>,
  names: Readonly<Record<number, string>>,
): TrafficResponse[] {
  return Object.entries(counters).map(([id, counter]) =>
    trafficOf(counter, names[Number(id)] ?? id),
  )
}

function trafficOf(counter: TrafficCounters, name: string): TrafficResponse {
  return {
    Name: name,
    RxFrames: counter.rxFrames,
    RxBytes: counter.rxBytes,
    TxFrames: counter.txFrames,
    TxBytes: counter.txBytes,
  }
}
