import { decode, encode } from 'dns-packet'
import type { Packet } from 'dns-packet'
import type { DnsClient, DnsExchange } from '../../src/system/dns.js'

/** A question that came to an upstream, for a test to answer. */
export class FakeExchange {
  readonly question: string
  readonly ended: Promise<void>
  #tell: (answer: Uint8Array) => void = () => undefined
  #refuse: (error: Error) => void = () => undefined
  readonly promise = new Promise<Uint8Array>((resolve, reject) => {
    this.#tell = resolve
    this.#refuse = reject
  })

  constructor(readonly exchange: DnsExchange) {
    const [question] = decode(Buffer.from(exchange.message)).questions ?? []
    this.question = `${question?.name ?? ''} ${question?.type ?? ''}`
    this.promise.catch(() => undefined)
    this.ended = new Promise((resolve) => {
      exchange.signal.addEventListener('abort', () => {
        resolve()
        this.fail('not wanted any more')
      })
    })
  }

  get address(): string {
    return this.exchange.server.address
  }

  /** As dns-packet has it; the id and the question are those that were asked. */
  answer(packet: Packet & { rcode?: number } = {}): void {
    this.send(answerTo(this.exchange.message, packet))
  }

  /** Any bytes; those that are no answer are passed over. */
  send(bytes: Uint8Array): void {
    if (this.exchange.accepts(bytes)) this.#tell(bytes)
  }

  fail(problem: string): void {
    this.#refuse(new Error(problem))
  }
}

export function answerTo(
  message: Uint8Array,
  { rcode = 0, ...packet }: Packet & { rcode?: number } = {},
): Uint8Array {
  const { id, questions } = decode(Buffer.from(message))
  const flags = (packet.flags ?? 0) | 0x0180 | rcode
  const asked = { id: id ?? 0, questions: questions ?? [] }
  return encode({ type: 'response', ...asked, ...packet, flags })
}

/** Servers that answer when a test says so, or by a rule. */
export class FakeUpstreams implements DnsClient {
  readonly exchanges: FakeExchange[] = []
  /** Called with each question, when it is set. */
  rule: ((exchange: FakeExchange) => void) | undefined

  exchange(exchange: DnsExchange): Promise<Uint8Array> {
    const asked = new FakeExchange(exchange)
    this.exchanges.push(asked)
    this.rule?.(asked)
    return asked.promise
  }

  /** Who was asked, in order. */
  get asked(): readonly string[] {
    return this.exchanges.map(({ address }) => address)
  }

  get latest(): FakeExchange {
    const latest = this.exchanges.at(-1)
    if (latest === undefined) throw new Error('nobody was asked')
    return latest
  }
}
