import type { Engine, PeerId } from '../../engine/engine.js'
import { vtepText } from '../../net/vtep.js'
import type { Vtep } from '../../net/vtep.js'

interface Peer {
  readonly id: PeerId
  readonly vtep: Vtep
  /** VNIs of the networks that need it. */
  readonly users: Set<number>
}

/** The engine's peers: there while some network needs them. */
export class Peers {
  readonly #engine: Engine
  readonly #byText = new Map<string, Peer>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Adds the peer on its first use. */
  use(vtep: Vtep, vni: number): PeerId {
    const text = vtepText(vtep)
    let peer = this.#byText.get(text)
    if (peer === undefined) {
      const id = this.#engine.addPeer(vtep.address, vtep.port)
      peer = { id, vtep, users: new Set() }
      this.#byText.set(text, peer)
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
