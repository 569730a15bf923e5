import type { KnownPosition, Position } from './store.js'

/**
 * How far a store that lost writes counts on beyond the last one known: a
 * version from the lost history must not be met again, or guards on it would
 * hold for another record.
 */
export const REVISION_LEAP = 1_000_000

/**
 * The last position a client was told its writes had reached. A store whose
 * history does not contain it lost a write that was acknowledged.
 */
export class Acknowledged {
  #position: Position | undefined

  note(position: Position): void {
    const last = this.#position
    const newer = !last || last.revision < position.revision
    if (newer || last.epoch !== position.epoch) this.#position = position
  }

  /** Undefined when `known` proves as much by itself. */
  beyond(known: KnownPosition): Position | undefined {
    const last = this.#position
    if (last?.epoch !== known.epoch) return undefined
    return last.revision > known.revision ? last : undefined
  }
}
