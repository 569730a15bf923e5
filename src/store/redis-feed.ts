import { errors } from '../base/errors.js'
import { abortable } from './abortable.js'
import { backoff } from '../base/backoff.js'
import { openClient, type RedisClient } from './redis-client.js'
import { runScript } from './redis-connection.js'
import { logKey } from './redis-keys.js'
import { parseStored } from './stored-record.js'
import type { LoggedChange } from './redis-scripts.js'
import type { RedisTarget } from './redis-url.js'
import type { Acknowledged } from './positions.js'
import type {
  Change,
  ChangeBatch,
  Json,
  KnownPosition,
  Revision,
} from './store.js'

/** How long one XREAD waits before it is checked that the log is still ours. */
const BLOCK_MS = 2000
/** How long after that a reply may take before the connection counts as dead. */
const GRACE_MS = 2000
const BATCHES_PER_READ = 256

/** An entry as XREAD gives it: its id, and `stamp s prev p changes c`. */
type LogEntry = readonly [
  id: string,
  fields: readonly [string, string, string, string, string, string],
]

/** Thrown inside the feed; its consumer sees the error of the same name. */
class Discontinued extends Error {
  constructor(readonly code: 'STORE_COMPACTED' | 'STORE_REPLACED') {
    super(code)
  }
}

export interface RedisFeedOptions {
  readonly target: RedisTarget
  readonly prefix: string
  readonly from: KnownPosition
  readonly acknowledged: Acknowledged
}

/**
 * Follows the log of one cluster from one position, on a connection of its own
 * because XREAD blocks it. Connection errors are not its consumer's business:
 * it goes on where it was.
 */
export class RedisFeed {
  readonly #target: RedisTarget
  readonly #prefix: string
  readonly #epoch: string
  readonly #acknowledged: Acknowledged
  #revision: Revision
  /** Stamp of the entry at `#revision`; the next must name it as its `prev`. */
  #stamp: string | undefined

  constructor({ target, prefix, from, acknowledged }: RedisFeedOptions) {
    this.#target = target
    this.#prefix = prefix
    this.#acknowledged = acknowledged
    this.#epoch = from.epoch
    this.#revision = from.revision
    this.#stamp = from.stamp
  }

  /** Ends when the signal aborts; throws STORE_COMPACTED or STORE_REPLACED. */
  async *batches(signal: AbortSignal): AsyncGenerator<ChangeBatch, void> {
    let failures = 0
    while (!signal.aborted) {
      try {
        for await (const batches of this.#readConnected(signal)) {
          failures = 0
          yield* batches
        }
      } catch (error) {
        if (error instanceof Discontinued) {
          throw errors[error.code](this.#revision)
        }
        await backoff(failures++, signal)
      }
    }
  }

  /** One connection's life: what it reads, until it fails or is aborted. */
  async *#readConnected(signal: AbortSignal): AsyncGenerator<ChangeBatch[]> {
    const client = await openClient(this.#target, BLOCK_MS + GRACE_MS, signal)
    try {
      let idle = true
      for (;;) {
        if (idle) await this.#checkPosition(client)
        const entries = await abortable(this.#read(client), signal)
        idle = entries.length === 0
        yield entries.map((entry) => this.#accept(entry))
      }
    } finally {
      client.disconnect()
    }
  }

  /**
   * XREAD alone cannot tell "nothing new" from "trimmed", "emptied" or "another
   * store at the same address".
   */
  async #checkPosition(client: RedisClient): Promise<void> {
    const known = this.#position
    const acknowledged = this.#acknowledged.beyond(known)
    const [outcome, stamp] = await runScript(client, 'position', this.#prefix, {
      known: acknowledged ? [acknowledged, known] : [known],
    })
    if (outcome === 'replaced') throw new Discontinued('STORE_REPLACED')
    if (outcome === 'compacted') throw new Discontinued('STORE_COMPACTED')
    this.#stamp = stamp
  }

  async #read(client: RedisClient): Promise<readonly LogEntry[]> {
    const streams = await client.xread(
      'COUNT',
      BATCHES_PER_READ,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      logKey(this.#prefix),
      `${this.#revision}-0`,
    )
    return (streams?.[0]?.[1] ?? []) as unknown as LogEntry[]
  }

  #accept([id, fields]: LogEntry): ChangeBatch {
    const revision = Number.parseInt(id, 10)
    const [, stamp, , previous, , changes] = fields
    if (revision !== this.#revision + 1) {
      throw new Discontinued('STORE_COMPACTED')
    }
    const acknowledged = this.#acknowledged.beyond(this.#position)
    const other =
      acknowledged?.revision === revision && acknowledged.stamp !== stamp
    if (previous !== this.#stamp || other) {
      throw new Discontinued('STORE_REPLACED')
    }
    const batch = { revision, stamp, changes: parseChanges(changes) }
    this.#revision = revision
    this.#stamp = stamp
    return batch
  }

  get #position(): KnownPosition {
    return {
      epoch: this.#epoch,
      revision: this.#revision,
      stamp: this.#stamp,
    }
  }
}

/** An entry that cannot be read is passed over by way of a new snapshot. */
function parseChanges(text: string): Change[] {
  try {
    return (JSON.parse(text) as LoggedChange[]).map(toChange)
  } catch {
    throw new Discontinued('STORE_COMPACTED')
  }
}

function toChange([key, json, before]: LoggedChange): Change {
  if (json !== false) {
    const value = JSON.parse(json) as Json
    return { op: 'put', key, value, replaces: before || null }
  }
  return { op: 'delete', key, was: before ? parseStored(before) : null }
}
