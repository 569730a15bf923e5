import type { Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'
import type { Engine, PeerId, PortId } from '../../engine/engine.js'
import type { ClusterView, RecordChange } from '../../store/cluster-view.js'
import type { Network } from '../../store/records.js'
import type { Attachments } from '../attachments.js'
import type { ForwardingRow } from '../use-cases.js'
import type { Vtep } from '../vtep.js'
import { desiredState } from './desired.js'
import { LearnedSources } from './learned-sources.js'
import { Programmer } from './programmer.js'
import { forwardingRows } from './rows.js'

export interface ForwardingParts {
  readonly host: string
  readonly vtep: Vtep
  readonly view: ClusterView
  readonly attachments: Attachments
  readonly engine: Engine
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
  #cancelSweep: () => void = () => undefined

  constructor(parts: ForwardingParts) {
    this.#parts = parts
    this.#programmer = new Programmer(parts.engine)
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
    const networks = new Set(changes.flatMap((change) => this.#touched(change)))
    for (const networkId of networks) this.refresh(networkId)
  }

  /** Programs one network anew; what has not changed costs nothing. */
  refresh(networkId: string): void {
    const { view, attachments, host, vtep } = this.#parts
    const network = this.#network(networkId)
    this.#guarded(networkId, () => {
      if (network === undefined || !attachments.uses(networkId)) {
        this.#learned.forget(networkId)
        this.#programmer.remove(networkId)
        return
      }
      const state = desiredState(network, view, {
        host,
        vtep,
        portOf: (id) => attachments.get(id)?.port ?? undefined,
        learned: this.#learned.of(networkId),
      })
      this.#programmer.put(networkId, state)
    })
  }

  /** Notes that a MAC is behind a static peer. */
  learn(networkId: string, mac: string, peer: PeerId): void {
    const vtep = this.#programmer.peers.vtep(peer)
    const way = this.#programmer.told.get(networkId)?.ways.get(mac)
    const isStatic = way !== undefined && way.kind !== 'learned'
    if (vtep === undefined || isStatic) return
    const now = this.#parts.clock.now()
    if (this.#learned.learn(networkId, mac, vtep, now)) this.refresh(networkId)
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

  #touched(change: RecordChange): readonly string[] {
    switch (change.kind) {
      case 'endpoint':
        return [change.id.slice(0, change.id.indexOf('/'))]
      case 'network':
        return [change.id]
      case 'host':
        return [...this.#programmer.told.keys()]
      default:
        return []
    }
  }

  /** The engine's refusal must not stop the change feed. */
  #guarded(networkId: string, action: () => void): void {
    try {
      action()
    } catch (error) {
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
      const networks = this.#learned.expire(clock.now())
      for (const networkId of networks) this.refresh(networkId)
      this.#scheduleSweep()
    })
  }
}
