import { errors } from '../../base/errors.js'
import type { Namespace } from '../../system/system.js'
import type { Place } from './containers.js'
import type { Ground } from './ground.js'
import type { PortNote } from './ports.js'
import { hostNumber, isNumberOf } from './ranges.js'

/** The kernel's limit of ports of a bridge (net/bridge/br_private.h BR_MAX_PORTS). */
const maxContainers = 1023

/** Who is on the bridge, and under which number. */
export class Places {
  /** By identity of the namespace. */
  readonly #present = new Map<string, Place>()
  /** Of the daemon before: taken over when their container is. */
  readonly #found = new Map<string, PortNote>()
  #last = hostNumber

  get size(): number {
    return this.#present.size
  }

  /** Nobody is there, nor was when this daemon began. */
  get isUnused(): boolean {
    return this.#present.size + this.#found.size === 0
  }

  all(): readonly Place[] {
    return [...this.#present.values()]
  }

  get(identity: string): Place | undefined {
    return this.#present.get(identity)
  }

  put(place: Place): void {
    this.#present.set(place.identity, place)
  }

  remove(identity: string): void {
    this.#present.delete(identity)
  }

  /** What the daemon before left. */
  find(note: PortNote): void {
    this.#found.set(note.identity, note)
    this.#last = Math.max(this.#last, note.number)
  }

  /** The container of one that was found is here again. */
  takeOver(namespace: Namespace): Place | undefined {
    const note = this.#found.get(namespace.identity)
    if (note === undefined) return undefined
    this.#found.delete(namespace.identity)
    const place = { ...note, namespace }
    this.put(place)
    return place
  }

  /** Those whose container has not come; they are forgotten. */
  takeLeftovers(): readonly PortNote[] {
    const left = [...this.#found.values()]
    this.#found.clear()
    return left
  }

  /**
   * A number for one more. They go round, so that one that was freed is not
   * another's at once. GATEWAY_FULL.
   */
  nextNumber({ subnets: [subnet = ''] }: Ground): number {
    const all = [...this.#present.values(), ...this.#found.values()]
    const taken = new Set(all.map(({ number }) => number))
    if (taken.size >= maxContainers) throw errors.GATEWAY_FULL(maxContainers)
    let number = this.#last
    for (let tries = 0; tries <= 2 * maxContainers; tries++) {
      number = isNumberOf(subnet, number + 1) ? number + 1 : hostNumber + 1
      if (!taken.has(number)) return (this.#last = number)
    }
    throw errors.GATEWAY_FULL(taken.size)
  }

  /** A new bridge begins with the first number. */
  startOver(): void {
    this.#last = hostNumber
  }
}
