import type { Json } from '../store/store.js'

/** Puts and deletes that take effect together, also when power is lost. */
export interface JournalChange {
  readonly puts?: readonly { readonly key: string; readonly value: Json }[]
  readonly deletes?: readonly string[]
}

/**
 * What a daemon must not forget when it ends without warning: JSON values,
 * private to one host, under keys like those of the records in the store. `FileJournal` keeps them in a file;
 * `MemoryJournal` is for tests and simulations.
 */
export interface Journal {
  /** What is safe on disk; empty before `open`. */
  readonly entries: ReadonlyMap<string, Json>
  /**
   * Rejects with JOURNAL_FOREIGN or JOURNAL_NEWER when the entries are not this
   * daemon's to use, with FILE_UNWRITABLE when none could be added.
   */
  open(): Promise<void>
  /** Waits for the writes that were begun; idempotent. */
  close(): Promise<void>
  /**
   * Resolves when the change would survive a loss of power, and rejects with
   * FILE_UNWRITABLE when it would not; then nothing has changed.
   */
  write(change: JournalChange): Promise<void>
}

/** Applies a change to entries, deletes after puts. */
export function applyChange(
  entries: Map<string, Json>,
  { puts = [], deletes = [] }: JournalChange,
): void {
  for (const { key, value } of puts) entries.set(key, value)
  for (const key of deletes) entries.delete(key)
}
