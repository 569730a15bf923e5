import type { Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'
import type { Engine, PeerId, PortId } from '../../engine/engine.js'
import type { ClusterView, RecordChange } from '../../store/cluster-view.js'
import type { Network } from '../../store/records.js'
import type { Attachments } from '../attachments.js'
import type { ForwardingRow } from '../use-cases.js'
import type { Vtep } from '../../net/vtep.js'
import { DesiredState } from './desired.js'
import { LearnedSources } from './learned-sources.js'
import type { PeerListener } from './peers.js'
import { Programmer } from './programmer.js'
import { forwardingRows } from './rows.js'

export interface ForwardingParts {
  readonly host: string
  readonly vtep: Vtep
  readonly view: ClusterView
  readonly attachments: Attachments
  readonly engine: Engine
  readonly paths: PeerListener
  readonly clock: Clock
  readonly log: Logger
}

/** How often learned sources are looked through. */
const sweepMs = 30_000

/**
 * Keeps the engine's table equal to the records. Only networks that this host
 * has a container on are in it.
 */
export class Forwarding {
  readonly #parts: ForwardingParts
  readonly #programmer: Programmer
  readonly #learned = new LearnedSources()
  /** Of the networks in the engine, by id. */
  readonly #desired = new Map<string, DesiredState>()
  #cancelSweep: () => void = () => undefined

  constructor(parts: ForwardingParts) {
    this.#parts = parts
    this.#programmer = new Programmer(parts.engine, parts.paths)
  }

  start(): void {
    this.#scheduleSweep()
  }

  stop(): void {
    this.#cancelSweep()
    for (const networkId of [...this.#programmer.told.keys()]) {
      this.#guarded(networkId, () => {
        this.#programmer.remove(networkId)
      })
    }
  }

  /** Acts on changed records. */
  apply(changes: readonly RecordChange[]): void {
    const networks = new Set(changes.flatMap((change) => this.#update(change)))
    for (const networkId of networks) this.#program(networkId)
  }

  /** Acts on ports of this host that were opened or closed in a network. */
  refresh(networkId: string): void {
    const attached = this.#parts.attachments.ofNetwork(networkId)
    const ids = attached.map(({ endpoint }) => endpoint.id)
    this.#desired.get(networkId)?.updateLocal(ids)
    this.#program(networkId)
  }

  /** Notes that a MAC is behind a static peer. */
  learn(networkId: string, mac: string, peer: PeerId): void {
    const vtep = this.#programmer.peers.vtep(peer)
    const way = this.#programmer.told.get(networkId)?.ways.get(mac)
    const isStatic = way !== undefined && way.kind !== 'learned'
    if (vtep === undefined || isStatic) return
    const now = this.#parts.clock.monotonic()
    if (this.#learned.learn(networkId, mac, vtep, now)) {
      this.#relearn(networkId, mac)
    }
  }

  rows(networkId?: string): ForwardingRow[] {
    return [...this.#programmer.told]
      .filter(([id]) => networkId === undefined || id === networkId)
      .flatMap(([, state]) => forwardingRows(state))
  }

  /** The network that the engine forwards under this VNI. */
  networkOf(vni: number): Network | undefined {
    const [id = ''] =
      [...this.#programmer.told].find(([, { policy }]) => policy.vni === vni) ??
      []
    return this.#network(id)
  }

  /** Text of each peer by its number. */
  peerNames(): Record<PeerId, string> {
    return this.#programmer.peers.names()
  }

  /** `<container>/<interface>` of each port by its number. */
  portNames(): Record<PortId, string> {
    return Object.fromEntries(
      this.#parts.attachments
        .all()
        .flatMap(({ port, endpoint }) =>
          port === null
            ? []
            : [[port, `${endpoint.name}/${endpoint.interface}`]],
        ),
    )
  }

  /** One whose record is gone is still a network while it is in use here. */
  #network(id: string): Network | undefined {
    const { view, attachments } = this.#parts
    return view.networks.get(id)?.value ?? attachments.ofNetwork(id)[0]?.network
  }

  /** Returns the networks in which something may be different now. */
  #update(change: RecordChange): readonly string[] {
    switch (change.kind) {
      case 'endpoint': {
        const [networkId = '', endpointId = ''] = change.id.split('/')
        this.#desired.get(networkId)?.update(endpointId)
        return [networkId]
      }
      case 'network':
        this.#desired.delete(change.id)
        return [change.id]
      case 'host':
        for (const state of this.#desired.values()) state.updateHost(change.id)
        return [...this.#desired.keys()]
      default:
        return []
    }
  }

  #relearn(networkId: string, mac: string): void {
    this.#desired.get(networkId)?.updateMac(mac)
    this.#program(networkId)
  }

  /** Tells the engine what it does not know yet about one network. */
  #program(networkId: string): void {
    const { attachments } = this.#parts
    const network = this.#network(networkId)
    this.#guarded(networkId, () => {
      const present = this.#desired.get(networkId)
      if (network === undefined || !attachments.uses(networkId)) {
        this.#desired.delete(networkId)
        this.#learned.forget(networkId)
        this.#programmer.remove(networkId)
      } else if (present !== undefined) {
        this.#programmer.put(networkId, present, present.takeTouched())
      } else {
        this.#programmer.put(networkId, this.#compute(network))
      }
    })
  }

  #compute(network: Network): DesiredState {
    const { view, attachments, host, vtep } = this.#parts
    const state = new DesiredState(network, view, {
      host,
      vtep,
      portOf: (id) => attachments.get(id)?.port ?? undefined,
      learned: this.#learned,
    })
    state.takeTouched()
    this.#desired.set(network.id, state)
    return state
  }

  /**
   * The engine's refusal must not stop the change feed. What it was told is
   * uncertain then: with the next change everything is compared.
   */
  #guarded(networkId: string, action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#desired.delete(networkId)
      const network = this.#network(networkId)?.name
      this.#parts.log.error(
        { err: error, network: network ?? networkId },
        'the engine refused a change of the forwarding table',
      )
    }
  }

  #scheduleSweep(): void {
    const { clock } = this.#parts
    this.#cancelSweep = clock.after(sweepMs, () => {
      for (const { networkId, mac } of this.#learned.expire(
        clock.monotonic(),
      )) {
        this.#relearn(networkId, mac)
      }
      this.#scheduleSweep()
    })
  }
}
