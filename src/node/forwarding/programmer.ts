import type {
  Destination,
  Engine,
  ForwardingChange,
} from '../../engine/engine.js'
import { vtepText } from '../../net/vtep.js'
import type { Vtep } from '../../net/vtep.js'
import type { NetworkState, Touched } from './desired.js'
import { Peers } from './peers.js'
import type { PeerListener } from './peers.js'
import type { Way } from './way.js'

/** What the engine was told about one network. */
interface Told extends NetworkState {
  readonly vteps: Map<string, Vtep>
  readonly ways: Map<string, Way>
}

/**
 * Brings the engine from what it was last told about a network to what it
 * should know, with no more calls than that takes.
 */
export class Programmer {
  readonly peers: Peers
  readonly #engine: Engine
  /** By network id. */
  readonly #told = new Map<string, Told>()

  constructor(engine: Engine, listener?: PeerListener) {
    this.#engine = engine
    this.peers = new Peers(engine, listener)
  }

  get told(): ReadonlyMap<string, NetworkState> {
    return this.#told
  }

  /**
   * Without `touched` everything is compared. Peers come before what points at
   * them, and go after it.
   */
  put(networkId: string, state: NetworkState, touched?: Touched): void {
    const { vni } = state.policy
    const before = this.#told.get(networkId)
    if (!samePolicy(before, state)) this.#engine.putNetwork(state.policy)
    const { vteps, ways } = before ?? { vteps: new Map(), ways: new Map() }
    const told: Told = { name: state.name, policy: state.policy, vteps, ways }
    this.#told.set(networkId, told)
    const gone =
      touched?.vteps === false ? [] : this.#setVteps(told, state.vteps)
    const macs =
      touched?.macs ?? new Set([...ways.keys(), ...state.ways.keys()])
    this.#forward(told, state.ways, macs)
    for (const text of gone) {
      vteps.delete(text)
      this.peers.drop(text, vni)
    }
  }

  remove(networkId: string): void {
    const told = this.#told.get(networkId)
    if (told === undefined) return
    const { vni } = told.policy
    this.#forward(told, new Map(), [...told.ways.keys()])
    this.#engine.removeNetwork(vni)
    this.#told.delete(networkId)
    for (const text of told.vteps.keys()) this.peers.drop(text, vni)
  }

  /** Returns those that are not needed any more. */
  #setVteps(
    { policy: { vni }, vteps }: Told,
    wanted: NetworkState['vteps'],
  ): readonly string[] {
    const peers = [...wanted.values()].map((vtep) => this.peers.use(vtep, vni))
    const gone = [...vteps.keys()].filter((text) => !wanted.has(text))
    const isSame = gone.length === 0 && vteps.size === wanted.size
    if (!isSame) this.#engine.setVteps(vni, peers)
    for (const [text, vtep] of wanted) vteps.set(text, vtep)
    return gone
  }

  #forward(
    { policy: { vni }, ways }: Told,
    wanted: ReadonlyMap<string, Way>,
    macs: Iterable<string>,
  ): void {
    const changes: ForwardingChange[] = []
    for (const mac of macs) {
      const way = wanted.get(mac)
      if (wayText(way) === wayText(ways.get(mac))) continue
      const to = way === undefined ? null : this.#destination(way, vni)
      changes.push({ vni, mac, to })
    }
    if (changes.length > 0) this.#engine.forward(changes)
    for (const mac of macs) {
      const way = wanted.get(mac)
      if (way === undefined) ways.delete(mac)
      else ways.set(mac, way)
    }
  }

  #destination(way: Way, vni: number): Destination {
    switch (way.kind) {
      case 'local':
        return { port: way.port }
      case 'remote':
      case 'learned':
        return { peer: this.peers.use(way.vtep, vni) }
      case 'gateway':
        return 'upcall'
    }
  }
}

/** Equal for two ways that are one to the engine. */
function wayText(way: Way | undefined): string {
  switch (way?.kind) {
    case undefined:
      return ''
    case 'local':
      return `port ${way.port}`
    case 'remote':
    case 'learned':
      return `peer ${vtepText(way.vtep)}`
    case 'gateway':
      return 'upcall'
  }
}

function samePolicy(a: NetworkState | undefined, b: NetworkState): boolean {
  return (
    a?.policy.portSecurity === b.policy.portSecurity &&
    a.policy.unknownUnicast === b.policy.unknownUnicast
  )
}
