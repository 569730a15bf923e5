import type { Json } from '../store/store.js'
import { applyChange } from './journal.js'
import type { Journal, JournalChange } from './journal.js'

/** Forgets nothing while the object lives; a daemon's successor may have it. */
export class MemoryJournal implements Journal {
  readonly #entries = new Map<string, Json>()
  /** What the next `write` rejects with. */
  refusal: Error | undefined

  get entries(): ReadonlyMap<string, Json> {
    return this.#entries
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  write(change: JournalChange): Promise<void> {
    const { refusal } = this
    this.refusal = undefined
    if (refusal) return Promise.reject(refusal)
    // As it would be read from a file: nobody can change it afterwards.
    const copy = JSON.parse(JSON.stringify(change)) as JournalChange
    applyChange(this.#entries, copy)
    return Promise.resolve()
  }
}
