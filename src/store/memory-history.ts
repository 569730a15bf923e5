import { randomUUID } from 'node:crypto'
import { errors } from '../base/errors.js'
import { REVISION_LEAP } from './positions.js'
import type {
  Change,
  ChangeBatch,
  KnownPosition,
  Position,
  Revision,
} from './store.js'

interface LogEntry {
  readonly batch: ChangeBatch
  /** Stamp of the write before. */
  readonly previous: string
}

/** The head and the log of a `MemoryBackend`. */
export class MemoryHistory {
  readonly #logLength: number
  /** Epochs that are over, as far as anybody said so. */
  readonly #past: Set<string>
  #epoch: string
  #revision: Revision = 0
  #stamp = '0'
  #log: LogEntry[] = []
  #settleUntil = 0

  constructor(logLength: number) {
    this.#logLength = logLength
    this.#past = new Set()
    this.#epoch = randomUUID()
  }

  get position(): Position {
    const { revision } = this
    return { epoch: this.#epoch, revision, stamp: this.#stamp }
  }

  get revision(): Revision {
    return this.#revision
  }

  settlesInMs(now: number): number {
    return Math.max(0, this.#settleUntil - now)
  }

  append(changes: readonly Change[]): void {
    const previous = this.#stamp
    this.#revision += 1
    this.#stamp = randomUUID()
    const batch = { revision: this.#revision, stamp: this.#stamp, changes }
    this.#log.push({ batch, previous })
    if (this.#log.length > this.#logLength) this.#log.shift()
  }

  /**
   * The first write after `from`, or undefined while there is none. Throws
   * STORE_COMPACTED and STORE_REPLACED.
   */
  batchAfter(from: KnownPosition): ChangeBatch | undefined {
    if (!this.continues(from)) throw errors.STORE_REPLACED(from.revision)
    const missing = this.#revision - from.revision
    if (missing > this.#log.length) throw errors.STORE_COMPACTED(from.revision)
    return this.#log[this.#log.length - missing]?.batch
  }

  /** False only when it is certain that the history is another one. */
  continues(known: KnownPosition): boolean {
    const missing = this.#revision - known.revision
    if (known.epoch !== this.#epoch || missing < 0) return false
    const stamp =
      missing === 0
        ? this.#stamp
        : this.#log[this.#log.length - missing]?.previous
    if (stamp === undefined || known.stamp === undefined) return true
    return stamp === known.stamp
  }

  /** `known` are positions in one history. */
  declareLoss(known: readonly KnownPosition[], settleUntil: number): void {
    const lost = known.find((position) => !this.continues(position))
    if (!lost || this.#past.has(lost.epoch)) return
    if (lost.epoch === this.#epoch) this.#renew(lost.revision)
    this.#past.add(lost.epoch)
    this.#settleUntil = settleUntil
  }

  /** Forgets the log, as trimming does: followers that lag are compacted. */
  compact(): void {
    this.#log = []
  }

  /** As it is now, to come back to. */
  copy(): MemoryHistory {
    const copy = new MemoryHistory(this.#logLength)
    for (const epoch of this.#past) copy.#past.add(epoch)
    copy.#epoch = this.#epoch
    copy.#revision = this.#revision
    copy.#stamp = this.#stamp
    copy.#log = [...this.#log]
    copy.#settleUntil = this.#settleUntil
    return copy
  }

  #renew(known: Revision): void {
    this.#epoch = randomUUID()
    this.#revision = Math.max(this.#revision, known) + REVISION_LEAP
    this.#stamp = randomUUID()
    this.#log = []
  }
}
