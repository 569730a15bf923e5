import type { Logger } from '../base/log.js'
import type { Clock } from '../base/clock.js'
import type { Engine, Injection, Upcall } from '../engine/engine.js'
import { decide } from '../slowpath/slow-path.js'
import type {
  Decision,
  DnsDecision,
  TcpDecision,
} from '../slowpath/decision.js'
import type { DnsServer } from '../slowpath/tcp/dns-server.js'
import type { Network } from '../store/records.js'
import type { Attachment, Attachments } from './attachments.js'
import type { Directories } from './directories.js'
import type { Forwarding } from './forwarding/forwarding.js'
import { askerOf } from './names/asker.js'
import type { NameService } from './names/name-service.js'
import { namesOverTcp } from './names/names-over-tcp.js'

export interface UpcallsParts {
  readonly engine: Engine
  readonly attachments: Attachments
  readonly directories: Directories
  readonly forwarding: Forwarding
  readonly names: NameService
  readonly clock: Clock
  readonly log: Logger
}

/** The slow path: frames come up from the engine, answers go down to it. */
export class Upcalls {
  readonly #parts: UpcallsParts
  readonly #overTcp: DnsServer<Attachment>
  readonly #ignored = new Map<string, number>()

  constructor(parts: UpcallsParts) {
    this.#parts = parts
    this.#overTcp = namesOverTcp(parts)
  }

  /** Frames that were not answered, by reason. */
  get ignored(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ignored)
  }

  /** Before the engine: what is said later would find none. */
  stop(): void {
    this.#overTcp.stop()
  }

  handle(batch: readonly Upcall[]): void {
    const injections = batch.flatMap((upcall) => this.#answer(upcall))
    if (injections.length > 0) this.#parts.engine.inject(injections)
  }

  /** A frame that trips a bug must not take the rest of its batch with it. */
  #answer(upcall: Upcall): Injection[] {
    try {
      return this.#decide(upcall)
    } catch (error) {
      this.#failed(error, upcall.vni)
      return []
    }
  }

  #failed(err: unknown, vni: number): void {
    this.#parts.log.error({ err, vni }, 'the slow path failed on a frame')
    this.#count('failed')
  }

  #decide(upcall: Upcall): Injection[] {
    const { attachments, directories, forwarding } = this.#parts
    const asker =
      upcall.port === null ? undefined : attachments.ofPort(upcall.port)
    const network = asker?.network ?? forwarding.networkOf(upcall.vni)
    if (network === undefined) {
      this.#count('network-gone')
      return []
    }
    const decision = decide(upcall, { directory: directories.of(network) })
    switch (decision.kind) {
      case 'dns':
        return asker === undefined ? [] : this.#answerDns(decision, asker)
      case 'tcp':
        return asker === undefined ? [] : this.#answerTcp(decision, asker)
      default:
        return this.#carryOut(decision, upcall, network)
    }
  }

  #carryOut(
    decision: Exclude<Decision, DnsDecision | TcpDecision>,
    upcall: Upcall,
    network: Network,
  ): Injection[] {
    const { port, peer, vni, frame } = upcall
    switch (decision.kind) {
      case 'reply':
        if (port !== null) return [{ frame: decision.frame, port }]
        return peer === null ? [] : [{ frame: decision.frame, vni, peer }]
      case 'flood':
        return [{ frame, floodVni: vni }]
      case 'learn':
        if (peer !== null) {
          this.#parts.forwarding.learn(network.id, decision.mac, peer)
        }
        return []
      case 'ignore':
        this.#count(decision.reason)
        return []
    }
  }

  #answerTcp(decision: TcpDecision, from: Attachment): Injection[] {
    const { port } = from
    if (port === null) return []
    const frames = this.#overTcp.receive(String(port), from, decision)
    return frames.map((frame) => ({ frame, port }))
  }

  /** An answer that others have to tell first goes out when it comes. */
  #answerDns({ query, answer }: DnsDecision, from: Attachment): Injection[] {
    const { names } = this.#parts
    const message = names.answer(query, askerOf(this.#parts, from), 'udp')
    if (message instanceof Promise) {
      message
        .then((late) => {
          const injections = this.#dnsAnswer(late, answer, from)
          if (injections.length > 0) this.#parts.engine.inject(injections)
        })
        .catch((error: unknown) => {
          this.#failed(error, from.network.vni)
        })
      return []
    }
    return this.#dnsAnswer(message, answer, from)
  }

  /** Nothing when the container has left the network meanwhile. */
  #dnsAnswer(
    message: Uint8Array | undefined,
    answer: DnsDecision['answer'],
    { port }: Attachment,
  ): Injection[] {
    if (message === undefined) this.#count('malformed')
    if (message === undefined || port === null) return []
    return [{ frame: answer(message), port }]
  }

  #count(reason: string): void {
    this.#ignored.set(reason, (this.#ignored.get(reason) ?? 0) + 1)
  }
}
