import type { Clock } from '../../base/clock.js'
import { timestamp } from '../../base/clock.js'

/** What can happen that an operator wants to know of. */
export const eventKinds = [
  'host-up',
  'host-suspect',
  'host-down',
  'host-freed',
  'network-created',
  'network-removed',
  'network-recreated',
  'network-conflict',
  'endpoint-connected',
  'endpoint-disconnected',
  'endpoint-adopted',
  'endpoint-released',
  'endpoint-isolated',
  'endpoint-rejoined',
  'address-moved',
  'address-freed',
  'gateway-repaired',
  'record-restored',
  'drift-repaired',
  'path-mtu-changed',
  'store-lost',
  'store-back',
  'store-replaced',
  'store-settled',
  'docker-lost',
  'docker-back',
] as const

export type EventKind = (typeof eventKinds)[number]

export interface EventFields {
  readonly host?: string
  readonly network?: string
  readonly endpoint?: string
  readonly address?: string
}

export interface NodeEvent extends EventFields {
  /** Grows by one with each event of this daemon. */
  readonly sequence: number
  readonly time: string
  readonly kind: EventKind
  /** One sentence for people. */
  readonly message: string
}

type EventListener = (event: NodeEvent) => void

/** Events beyond this many are forgotten, the oldest first. */
const capacity = 1000

/** The last events of this daemon, and those to come for who listens. */
export class EventLog {
  readonly #clock: Clock
  readonly #events: NodeEvent[] = []
  readonly #listeners = new Set<EventListener>()
  #sequence = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  record(kind: EventKind, message: string, fields: EventFields = {}): void {
    this.#sequence += 1
    const time = timestamp(this.#clock)
    const event = { sequence: this.#sequence, time, kind, message, ...fields }
    this.#events.push(event)
    if (this.#events.length > capacity) this.#events.shift()
    for (const listener of this.#listeners) listener(event)
  }

  /** The newest last. */
  latest(count: number): readonly NodeEvent[] {
    return count <= 0 ? [] : this.#events.slice(-count)
  }

  /** Listeners must not throw. Returns the function that ends it. */
  onEvent(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
