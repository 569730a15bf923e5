import type { Logger } from '../../base/log.js'
import type { EventKind, EventLog } from '../events/event-log.js'
import type { HostPhase } from './host-phase.js'

const news: Partial<Record<HostPhase, readonly [EventKind, string]>> = {
  up: ['host-up', 'is back'],
  suspect: ['host-suspect', 'is late with its sign of life'],
  dead: ['host-down', 'counts as dead: its containers are withdrawn'],
}

/**
 * Tells when a host goes from one phase to another. That it is new, or that
 * all of it is freed, is told by its record.
 */
export class HostEvents {
  readonly #events: EventLog
  readonly #log: Logger
  #before: ReadonlyMap<string, HostPhase> = new Map()

  constructor(events: EventLog, log: Logger) {
    this.#events = events
    this.#log = log
  }

  tell(phases: ReadonlyMap<string, HostPhase>, self: string): void {
    for (const [host, phase] of phases) {
      // This one knows better how it is.
      if (host === self) continue
      const before = this.#before.get(host) ?? 'up'
      const found = phase === before ? undefined : news[phase]
      if (found === undefined) continue
      const [kind, what] = found
      this.#log[phase === 'up' ? 'info' : 'warn']({ host }, `a host ${what}`)
      this.#events.record(kind, `${host} ${what}`, { host })
    }
    this.#before = phases
  }
}
