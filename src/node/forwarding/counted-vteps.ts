import { vtepText } from '../../net/vtep.js'
import type { Vtep } from '../../net/vtep.js'

/**
 * The VTEPs of a network, each while somebody needs it: an endpoint behind it,
 * or the network's options. Never this host itself: it would send to its own
 * socket.
 */
export class CountedVteps {
  readonly #all = new Map<string, Vtep>()
  readonly #users = new Map<string, number>()
  readonly #own: string
  #changed = true

  constructor(peers: readonly Vtep[], own: Vtep) {
    this.#own = vtepText(own)
    for (const peer of peers) this.add(peer)
  }

  /** By their text. */
  get all(): ReadonlyMap<string, Vtep> {
    return this.#all
  }

  add(vtep: Vtep): void {
    const text = vtepText(vtep)
    if (text === this.#own) return
    const users = this.#users.get(text) ?? 0
    this.#users.set(text, users + 1)
    if (users > 0) return
    this.#all.set(text, vtep)
    this.#changed = true
  }

  /** Once for each `add`. */
  remove(vtep: Vtep): void {
    const text = vtepText(vtep)
    const users = this.#users.get(text)
    if (users === undefined) return
    if (users > 1) {
      this.#users.set(text, users - 1)
      return
    }
    this.#users.delete(text)
    this.#all.delete(text)
    this.#changed = true
  }

  /** Whether one came or went since the last call, or since the beginning. */
  takeChanged(): boolean {
    const changed = this.#changed
    this.#changed = false
    return changed
  }
}
