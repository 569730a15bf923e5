import type {
  Destination,
  Engine,
  ForwardingChange,
} from '../../engine/engine.js'
import { vtepText } from '../vtep.js'
import type { NetworkState, Way } from './desired.js'
import { Peers } from './peers.js'

/**
 * Brings the engine from what it was last told about a network to what it
 * should know, with no more calls than that takes.
 */
export class Programmer {
  readonly peers: Peers
  readonly #engine: Engine
  /** What the engine was told, by network id. */
  readonly #told = new Map<string, NetworkState>()

  constructor(engine: Engine) {
    this.#engine = engine
    this.peers = new Peers(engine)
  }

  get told(): ReadonlyMap<string, NetworkState> {
    return this.#told
  }

  /** Peers come before what points at them, and go after it. */
  put(networkId: string, state: NetworkState): void {
    const before = this.#told.get(networkId)
    const { vni } = state.policy
    if (!samePolicy(before, state)) this.#engine.putNetwork(state.policy)
    const vteps = [...state.vteps.values()].map((vtep) =>
      this.peers.use(vtep, vni),
    )
    if (!sameVteps(before, state)) this.#engine.setVteps(vni, vteps)
    this.#forward(vni, before?.ways ?? new Map<string, Way>(), state.ways)
    this.#told.set(networkId, state)
    for (const text of before?.vteps.keys() ?? []) {
      if (!state.vteps.has(text)) this.peers.drop(text, vni)
    }
  }

  remove(networkId: string): void {
    const state = this.#told.get(networkId)
    if (state === undefined) return
    const { vni } = state.policy
    this.#forward(vni, state.ways, new Map())
    this.#engine.removeNetwork(vni)
    this.#told.delete(networkId)
    for (const text of state.vteps.keys()) this.peers.drop(text, vni)
  }

  #forward(
    vni: number,
    before: ReadonlyMap<string, Way>,
    after: ReadonlyMap<string, Way>,
  ): void {
    const gone = [...before.keys()].filter((mac) => !after.has(mac))
    const changed = [...after].filter(
      ([mac, way]) => wayText(way) !== wayText(before.get(mac)),
    )
    const changes: ForwardingChange[] = [
      ...gone.map((mac) => ({ vni, mac, to: null })),
      ...changed.map(([mac, way]) => ({
        vni,
        mac,
        to: this.#destination(way, vni),
      })),
    ]
    if (changes.length > 0) this.#engine.forward(changes)
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

function sameVteps(a: NetworkState | undefined, b: NetworkState): boolean {
  if (a?.vteps.size !== b.vteps.size) return false
  return [...b.vteps.keys()].every((text) => a.vteps.has(text))
}
