import type {
  Destination,
  Engine,
  EngineCounters,
  EngineFeature,
  EngineListener,
  EngineOptions,
  EnginePause,
  ForwardingChange,
  Injection,
  NetworkPolicy,
  PeerId,
  PortId,
  PortSpec,
  Upcall,
} from '../../src/engine/engine.js'
import type { Vtep } from '../../src/net/vtep.js'

/** Where a fake engine's TAPs appear. */
export interface TapHost {
  addTap(netns: string, name: string, mac: string): void
  removeTap(netns: string, name: string): void
}

/**
 * An engine without packets that can be asked what it was told. Like the real
 * one it refuses what makes no sense, so that a wrong order is found here.
 */
export class FakeEngine implements Engine {
  readonly networks = new Map<number, NetworkPolicy>()
  readonly peers = new Map<PeerId, string>()
  readonly ports = new Map<PortId, PortSpec>()
  readonly injected: Injection[] = []
  /** Of all paths, until a test says otherwise; undefined: no route. */
  pathMtuSeen: number | undefined = 1500
  /** Sizes of the probes that were sent. */
  readonly probes: number[] = []
  /** Its features. */
  has: readonly EngineFeature[] = []
  readonly peerMtus = new Map<PeerId, number>()
  /** What the next `openPort` rejects with. */
  refusal: Error | undefined
  /** How often the forwarding table was written. */
  forwardCalls = 0
  readonly #ways = new Map<number, Map<string, Destination>>()
  readonly #vteps = new Map<number, readonly PeerId[]>()
  #listener: EngineListener | undefined
  #lastId = 0

  constructor(
    readonly options: EngineOptions,
    readonly host: TapHost,
  ) {}

  start(listener: EngineListener): Promise<void> {
    this.#listener = listener
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.#listener = undefined
    return Promise.resolve()
  }

  get running(): boolean {
    return this.#listener !== undefined
  }

  putNetwork(policy: NetworkPolicy): void {
    this.networks.set(policy.vni, policy)
    if (!this.#ways.has(policy.vni)) this.#ways.set(policy.vni, new Map())
  }

  removeNetwork(vni: number): void {
    const used = [...this.ports.values()].some((port) => port.vni === vni)
    if (used) throw new Error(`network with VNI ${vni} still has ports`)
    this.networks.delete(vni)
    this.#ways.delete(vni)
    this.#vteps.delete(vni)
  }

  addPeer(address: string, port: number): PeerId {
    const text = `${address}:${port}`
    const present = [...this.peers].find(([, peer]) => peer === text)
    if (present) return present[0]
    this.peers.set(++this.#lastId, text)
    return this.#lastId
  }

  removePeer(peer: PeerId): void {
    const flooded = [...this.#vteps.values()].some((ids) => ids.includes(peer))
    const ways = [...this.#ways.values()].flatMap((way) => [...way.values()])
    const forwarded = ways.some(
      (to) => to !== 'upcall' && 'peer' in to && to.peer === peer,
    )
    if (flooded || forwarded) throw new Error(`peer ${peer} is in use`)
    this.peers.delete(peer)
  }

  setPeerMtu(peer: PeerId, mtu: number): void {
    this.#requirePeer(peer)
    this.peerMtus.set(peer, mtu)
  }

  pathMtu(): number | undefined {
    return this.pathMtuSeen
  }

  probePath(_: Vtep, size: number): boolean {
    this.probes.push(size)
    return true
  }

  setVteps(vni: number, peers: readonly PeerId[]): void {
    this.#requireNetwork(vni)
    peers.forEach((peer) => {
      this.#requirePeer(peer)
    })
    this.#vteps.set(vni, peers)
  }

  openPort(spec: PortSpec): Promise<PortId> {
    if (this.refusal) {
      const { refusal } = this
      this.refusal = undefined
      return Promise.reject(refusal)
    }
    this.#requireNetwork(spec.vni)
    this.ports.set(++this.#lastId, spec)
    this.host.addTap(spec.netns, spec.name, spec.mac)
    return Promise.resolve(this.#lastId)
  }

  closePort(port: PortId, { destroy }: { destroy: boolean }): Promise<void> {
    const spec = this.ports.get(port)
    this.ports.delete(port)
    if (spec && destroy) this.host.removeTap(spec.netns, spec.name)
    return Promise.resolve()
  }

  forward(changes: readonly ForwardingChange[]): void {
    this.forwardCalls++
    for (const { vni, mac, to } of changes) {
      this.#requireNetwork(vni)
      if (to !== null && to !== 'upcall' && 'peer' in to) {
        this.#requirePeer(to.peer)
      }
      if (to === null) this.#ways.get(vni)?.delete(mac)
      else this.#ways.get(vni)?.set(mac, to)
    }
  }

  inject(frames: readonly Injection[]): void {
    this.injected.push(...frames)
  }

  counters(): EngineCounters {
    return { ports: {}, peers: {}, drops: { unknown_vni: 0 }, upcalls: 0 }
  }

  features(): readonly EngineFeature[] {
    return this.has
  }

  pauses(): readonly EnginePause[] {
    return []
  }

  /** The table of a network as text by MAC; undefined when it has none. */
  table(vni: number): Record<string, string> | undefined {
    const ways = this.#ways.get(vni)
    if (!ways) return undefined
    const rows = [...ways].map(([mac, to]) => [mac, this.#describe(to)])
    return Object.fromEntries(rows) as Record<string, string>
  }

  /** The VTEPs of a network in order. */
  vteps(vni: number): string[] {
    const ids = this.#vteps.get(vni) ?? []
    return ids.map((id) => this.peers.get(id) ?? 'gone').sort()
  }

  /** Plays a frame that the table cannot answer. */
  raise(upcall: Upcall): void {
    this.#listener?.upcalls([upcall])
  }

  /** Plays the end of the namespace a port is in. */
  losePort(port: PortId): void {
    this.#listener?.portLost(port)
  }

  #describe(to: Destination): string {
    if (to === 'upcall') return 'upcall'
    return 'port' in to
      ? `port ${this.ports.get(to.port)?.netns ?? 'closed'}`
      : `peer ${this.peers.get(to.peer) ?? 'gone'}`
  }

  #requireNetwork(vni: number): void {
    if (!this.networks.has(vni)) throw new Error(`no network with VNI ${vni}`)
  }

  #requirePeer(peer: PeerId): void {
    if (!this.peers.has(peer)) throw new Error(`no peer ${peer}`)
  }
}
