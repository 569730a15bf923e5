import type { Clock } from '../../base/clock.js'
import type { TcpDecision } from '../decision.js'
import { TcpConnection } from './connection.js'
import type { Segment } from './connection.js'
import { MessageReader, withLength } from './message-reader.js'
import { refusalOf } from './refusal.js'

/** Of one client; the one that was silent longest makes room. */
export const MAX_PER_CLIENT = 8
/** Of all. */
export const MAX_CONNECTIONS = 256
/** A connection on which nothing is said for so long is closed. */
export const IDLE_MS = 10_000
/** The first time; then twice as long each time. */
export const RETRANSMIT_MS = 300

type Message = Uint8Array | undefined

export interface DnsServerParts<Client> {
  readonly clock: Clock
  /** The answer to a message; undefined for none. Never rejects. */
  readonly answer: (
    message: Uint8Array,
    client: Client,
  ) => Message | Promise<Message>
  /** Takes frames to a client that are not the answer to one of its own. */
  readonly send: (client: Client, frames: readonly Uint8Array[]) => void
  /** Any number of 32 bits. */
  readonly random: () => number
}

interface Conversation<Client> {
  readonly client: Client
  readonly key: string
  readonly tcp: TcpConnection
  readonly reader: MessageReader
  readonly frameOf: TcpDecision['frameOf']
  /** Questions whose answers others have to tell first. */
  pending: number
  /** What the timer of `cancelRetransmit` waits to be acknowledged. */
  awaited: number | undefined
  cancelRetransmit: () => void
  cancelIdle: () => void
}

/**
 * DNS over TCP at the gateway addresses (RFC 7766): several questions on one
 * connection, each answered as soon as the answer is known. There are no SYN
 * cookies: a client can be nobody but itself, so that with half-open
 * connections it takes places from itself only.
 */
export class DnsServer<Client> {
  readonly #parts: DnsServerParts<Client>
  /** Those heard of last are last. */
  readonly #conversations = new Map<string, Conversation<Client>>()
  #isStopped = false

  constructor(parts: DnsServerParts<Client>) {
    this.#parts = parts
  }

  /** Open connections. */
  get size(): number {
    return this.#conversations.size
  }

  /**
   * Frames to the client that sent the segment.
   *
   * @param id tells clients apart
   */
  receive(id: string, client: Client, decision: TcpDecision): Uint8Array[] {
    const key = `${id} ${decision.peer}`
    const { segment } = decision
    if (this.#isStopped) return []
    const present = this.#conversations.get(key)
    if (present !== undefined) return this.#goOn(present, segment)
    if (!segment.syn || segment.ack || segment.rst) {
      const refusal = refusalOf(segment)
      return refusal === undefined ? [] : [decision.frameOf(refusal)]
    }
    this.#makeRoom(`${id} `)
    return this.#begin(key, client, decision)
  }

  /** Resets all connections, and says nothing from then on. */
  stop(): void {
    for (const conversation of [...this.#conversations.values()]) {
      conversation.tcp.reset()
      this.#sendLate(conversation)
    }
    this.#isStopped = true
  }

  #begin(key: string, client: Client, decision: TcpDecision): Uint8Array[] {
    const { segment, frameOf } = decision
    const conversation: Conversation<Client> = {
      client,
      key,
      tcp: new TcpConnection(segment, this.#parts.random() >>> 0),
      reader: new MessageReader(),
      frameOf,
      pending: 0,
      awaited: undefined,
      cancelRetransmit: () => undefined,
      cancelIdle: () => undefined,
    }
    this.#conversations.set(key, conversation)
    this.#touch(conversation)
    return this.#flush(conversation)
  }

  #goOn(conversation: Conversation<Client>, segment: Segment): Uint8Array[] {
    const { tcp, reader } = conversation
    const data = tcp.receive(segment)
    this.#touch(conversation)
    const messages = tcp.isClosing ? [] : reader.read(data)
    if (messages === undefined) tcp.reset()
    for (const message of messages ?? []) this.#ask(conversation, message)
    return this.#flush(conversation)
  }

  #ask(conversation: Conversation<Client>, message: Uint8Array): void {
    const { tcp, client } = conversation
    const answer = this.#parts.answer(message, client)
    if (!(answer instanceof Promise)) {
      if (answer !== undefined) tcp.send(withLength(answer))
      return
    }
    conversation.pending++
    void answer.then((late) => {
      conversation.pending--
      if (late !== undefined) tcp.send(withLength(late))
      this.#sendLate(conversation)
    })
  }

  /** All that is to be said now, and the timers for what comes then. */
  #flush(conversation: Conversation<Client>): Uint8Array[] {
    const { tcp, frameOf, pending } = conversation
    if (tcp.isPeerClosed && pending === 0) tcp.close()
    const frames = tcp.flush().map(frameOf)
    if (tcp.isFinished) this.#end(conversation)
    else this.#awaitAcknowledgement(conversation)
    return frames
  }

  #sendLate(conversation: Conversation<Client>): void {
    if (this.#conversations.get(conversation.key) !== conversation) return
    const frames = this.#flush(conversation)
    if (frames.length > 0) this.#parts.send(conversation.client, frames)
  }

  #awaitAcknowledgement(conversation: Conversation<Client>): void {
    const { unacknowledged, retries } = conversation.tcp
    if (unacknowledged === conversation.awaited) return
    conversation.cancelRetransmit()
    conversation.awaited = unacknowledged
    if (unacknowledged === undefined) return
    const ms = RETRANSMIT_MS * 2 ** retries
    conversation.cancelRetransmit = this.#parts.clock.after(ms, () => {
      conversation.awaited = undefined
      conversation.tcp.timeout()
      this.#sendLate(conversation)
    })
  }

  /** It was heard of just now. */
  #touch(conversation: Conversation<Client>): void {
    const { key } = conversation
    this.#conversations.delete(key)
    this.#conversations.set(key, conversation)
    conversation.cancelIdle()
    conversation.cancelIdle = this.#parts.clock.after(IDLE_MS, () => {
      this.#expire(conversation)
    })
  }

  /** Closed in good manners, and cut off when that is not answered. */
  #expire(conversation: Conversation<Client>): void {
    const { tcp } = conversation
    if (tcp.isClosing) tcp.reset()
    else tcp.close()
    this.#touch(conversation)
    this.#sendLate(conversation)
  }

  #makeRoom(prefix: string): void {
    const all = [...this.#conversations.values()]
    const own = all.filter(({ key }) => key.startsWith(prefix))
    const [silent] =
      own.length >= MAX_PER_CLIENT
        ? own
        : all.length >= MAX_CONNECTIONS
          ? all
          : []
    if (silent === undefined) return
    silent.tcp.reset()
    this.#sendLate(silent)
  }

  #end(conversation: Conversation<Client>): void {
    conversation.cancelIdle()
    conversation.cancelRetransmit()
    this.#conversations.delete(conversation.key)
  }
}
