import type { NetworkPolicy } from '../../engine/engine.js'
import { macOfIp } from '../../net/mac.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { Network } from '../../store/records.js'
import { readOptions } from '../network-options.js'
import type { Vtep } from '../../net/vtep.js'
import { CountedVteps } from './counted-vteps.js'
import { wayTo } from './way.js'
import type { EndpointWay, LocalKnowledge, Way } from './way.js'

/** All that the engine is told about one network. */
export interface NetworkState {
  readonly name: string
  readonly policy: NetworkPolicy
  /** By their text. */
  readonly vteps: ReadonlyMap<string, Vtep>
  /** By MAC. */
  readonly ways: ReadonlyMap<string, Way>
}

/** What may differ from the last time somebody asked. */
export interface Touched {
  readonly macs: ReadonlySet<string>
  readonly vteps: boolean
}

const nobody: readonly string[] = []

/**
 * What a network should look like in the engine, kept current one endpoint at
 * a time: a change costs the same in a large network as in a small one.
 *
 * Several endpoints may claim one MAC. The records beat what was learned, the
 * newest record beats older ones, which come back when it goes, and nobody
 * takes the gateway's MAC.
 */
export class DesiredState implements NetworkState {
  readonly name: string
  readonly policy: NetworkPolicy
  readonly #ways = new Map<string, Way>()
  readonly #id: string
  readonly #view: Pick<ClusterView, 'endpoints' | 'hosts'>
  readonly #local: LocalKnowledge
  readonly #gateways: ReadonlyMap<string, Way>
  readonly #vteps: CountedVteps
  /** By endpoint id; those that have a way. */
  readonly #placed = new Map<string, EndpointWay>()
  /** Ids of the placed endpoints by their MAC. */
  readonly #claimants = new Map<string, readonly string[]>()
  #touchedMacs = new Set<string>()

  constructor(
    network: Network,
    view: Pick<ClusterView, 'endpoints' | 'hosts'>,
    local: LocalKnowledge,
  ) {
    const options = readOptions(network.options, local.vtep.port)
    const { peers, portSecurity } = options
    this.#id = network.id
    this.#view = view
    this.#local = local
    this.name = network.name
    this.policy = {
      vni: network.vni,
      portSecurity,
      unknownUnicast: peers.length > 0 ? 'flood' : 'drop',
    }
    this.#gateways = gatewayWays(network)
    this.#vteps = new CountedVteps(peers, local.vtep)
    for (const mac of this.#gateways.keys()) this.updateMac(mac)
    for (const mac of local.learned.of(network.id).keys()) this.updateMac(mac)
    for (const id of view.endpoints(network.id).keys()) this.update(id)
  }

  get ways(): ReadonlyMap<string, Way> {
    return this.#ways
  }

  get vteps(): ReadonlyMap<string, Vtep> {
    return this.#vteps.all
  }

  /** An endpoint came, changed, went, or has a port now. */
  update(endpointId: string): void {
    const before = this.#placed.get(endpointId)
    const record = this.#view.endpoints(this.#id).get(endpointId)
    const after = record && wayTo(record.value, this.#view.hosts, this.#local)
    if (before === undefined && after === undefined) return
    if (before !== undefined) this.#unplace(endpointId, before)
    if (after !== undefined) this.#place(endpointId, after)
    if (before !== undefined) this.updateMac(before.endpoint.mac)
    if (after !== undefined) this.updateMac(after.endpoint.mac)
  }

  /** Endpoints of a host whose VTEP may be another now, or gone. */
  updateHost(host: string): void {
    for (const [id, { value }] of this.#view.endpoints(this.#id)) {
      if (value.host === host) this.update(id)
    }
  }

  /** Endpoints of this host; `ids` are those that may have a port since. */
  updateLocal(ids: readonly string[]): void {
    const local = [...this.#placed]
      .filter(([, { kind }]) => kind === 'local')
      .map(([id]) => id)
    for (const id of new Set([...local, ...ids])) this.update(id)
  }

  /** Who has a MAC is decided anew. */
  updateMac(mac: string): void {
    const way =
      this.#gateways.get(mac) ?? this.#newest(mac) ?? this.#learned(mac)
    if (way === undefined) this.#ways.delete(mac)
    else this.#ways.set(mac, way)
    this.#touchedMacs.add(mac)
  }

  /** Since the last call, or since the beginning. */
  takeTouched(): Touched {
    const touched = {
      macs: this.#touchedMacs,
      vteps: this.#vteps.takeChanged(),
    }
    this.#touchedMacs = new Set()
    return touched
  }

  #place(id: string, way: EndpointWay): void {
    const { mac } = way.endpoint
    this.#placed.set(id, way)
    this.#claimants.set(mac, [...(this.#claimants.get(mac) ?? nobody), id])
    if (way.kind === 'remote') this.#vteps.add(way.vtep)
  }

  #unplace(id: string, way: EndpointWay): void {
    const { mac } = way.endpoint
    const others = this.#claimants.get(mac)?.filter((other) => other !== id)
    this.#placed.delete(id)
    if (others === undefined || others.length === 0) this.#claimants.delete(mac)
    else this.#claimants.set(mac, others)
    if (way.kind === 'remote') this.#vteps.remove(way.vtep)
  }

  #newest(mac: string): Way | undefined {
    const [first, ...others] = this.#claimants.get(mac) ?? nobody
    if (first === undefined) return undefined
    const newest = others.reduce(
      (best, id) => (this.#isNewer(id, best) ? id : best),
      first,
    )
    return this.#placed.get(newest)
  }

  /** Records of one commit have one version; the ids decide, as everywhere. */
  #isNewer(id: string, other: string): boolean {
    const records = this.#view.endpoints(this.#id)
    const newer = records.get(id)?.version ?? 0
    const older = records.get(other)?.version ?? 0
    return newer === older ? id > other : newer > older
  }

  #learned(mac: string): Way | undefined {
    const vtep = this.#local.learned.vtepOf(this.#id, mac)
    return vtep && { kind: 'learned', vtep }
  }
}

function gatewayWays({ subnets }: Network): Map<string, Way> {
  return new Map(
    subnets.map(({ gateway }) => [
      macOfIp(gateway),
      { kind: 'gateway', addresses: [gateway] },
    ]),
  )
}
