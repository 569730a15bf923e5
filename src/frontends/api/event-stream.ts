import { Readable } from 'node:stream'
import type { EventUseCases } from '../../node/use-cases.js'
import { eventResponse } from './views.js'

/** A client that leaves more than this unread is cut off, bytes. */
const unreadLimit = 256 * 1024

export interface EventStreamOptions {
  /** Of the events that were, the newest ones. */
  readonly count: number
  /** Goes on with those to come. */
  readonly follow: boolean
  /** Ends what follows. */
  readonly closing: AbortSignal
}

/** Events as NDJSON: one line of JSON each, the oldest first. */
export function eventStream(
  events: EventUseCases,
  { count, follow, closing }: EventStreamOptions,
): Readable {
  const lines = events.latest(count).map(line)
  if (!follow) return Readable.from([lines.join('')], { objectMode: false })
  return new FollowedEvents(events, lines, closing)
}

/**
 * What a client has not read waits here, up to a limit: the memory of a daemon
 * does not depend on how fast its clients are.
 */
class FollowedEvents extends Readable {
  readonly #forget: () => void

  constructor(
    events: EventUseCases,
    before: readonly string[],
    closing: AbortSignal,
  ) {
    super()
    this.push(before.join(''))
    const forgetEvents = events.onEvent((event) => {
      this.#add(line(event))
    })
    const end = () => this.push(null)
    closing.addEventListener('abort', end, { once: true })
    this.#forget = () => {
      forgetEvents()
      closing.removeEventListener('abort', end)
    }
  }

  override _read(): void {
    // Lines come when something happens, not when somebody asks.
  }

  override _destroy(
    error: Error | null,
    done: (error?: Error | null) => void,
  ): void {
    this.#forget()
    done(error)
  }

  #add(text: string): void {
    if (this.readableLength > unreadLimit) this.destroy()
    else this.push(text)
  }
}

function line(event: Parameters<typeof eventResponse>[0]): string {
  return `${JSON.stringify(eventResponse(event))}\n`
}
