import type { Engine, PeerId } from '../../engine/engine.js'
import { vtepText } from '../../net/vtep.js'
import type { Vtep } from '../../net/vtep.js'

interface Peer {
  readonly id: PeerId
  readonly vtep: Vtep
  /** VNIs of the networks that need it. */
  readonly users: Set<number>
}

/** Is told which peers the engine has. */
export interface PeerListener {
  added(peer: PeerId, vtep: Vtep): void
  removed(peer: PeerId): void
}

/** The engine's peers: there while some network needs them. */
export class Peers {
  readonly #engine: Engine
  readonly #listener: PeerListener | undefined
  readonly #byText = new Map<string, Peer>()

  constructor(engine: Engine, listener?: PeerListener) {
    this.#engine = engine
    this.#listener = listener
  }

  /** Adds the peer on its first use. */
  use(vtep: Vtep, vni: number): PeerId {
    const text = vtepText(vtep)
    let peer = this.#byText.get(text)
    if (peer === undefined) {
      const id = this.#engine.addPeer(vtep.address, vtep.port)
      peer = { id, vtep, users: new Set() }
      this.#byText.set(text, peer)
      this.#listener?.added(id, vtep)
    }
    peer.users.add(vni)
    return peer.id
  }

  /** Removes the peer after its last use. */
  drop(text: string, vni: number): void {
    const peer = this.#byText.get(text)
    if (peer === undefined) return
    peer.users.delete(vni)
    if (peer.users.size > 0) return
    this.#byText.delete(text)
    this.#listener?.removed(peer.id)
    this.#engine.removePeer(peer.id)
  }

  vtep(id: PeerId): Vtep | undefined {
    return [...this.#byText.values()].find((peer) => peer.id === id)?.vtep
  }

  /** Text of each peer by its number. */
  names(): Record<PeerId, string> {
    return Object.fromEntries(
      [...this.#byText].map(([text, { id }]) => [id, text]),
    )
  }
}
