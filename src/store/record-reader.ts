import { z } from 'zod'
import type { Logger } from '../base/log.js'
import { parseRecord, type ClusterRecord } from './records.js'
import type { Json } from './store.js'

/** Bad records remembered, so that each is logged once; beyond, none is logged. */
const MAX_REMEMBERED = 1000

/**
 * Turns what the store holds into records. What does not parse is as good as
 * absent: it is logged, and one bad record does not stop the others.
 */
export class RecordReader {
  readonly #logger: Logger
  readonly #bad = new Set<string>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Undefined for a bad record, and for a kind of a newer version. */
  read(key: string, value: Json): ClusterRecord | undefined {
    try {
      const record = parseRecord(key, value)
      this.#bad.delete(key)
      return record ?? undefined
    } catch (error) {
      this.#logOnce(key, error)
      return undefined
    }
  }

  /** The record is gone: another bad one under its key is worth a line again. */
  forget(key: string): void {
    this.#bad.delete(key)
  }

  #logOnce(key: string, error: unknown): void {
    if (this.#bad.has(key) || this.#bad.size >= MAX_REMEMBERED) return
    this.#bad.add(key)
    const problem =
      error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    this.#logger.warn({}, `record ${key} is not valid, ignored: ${problem}`)
  }
}
