import { decode, encode } from 'dns-packet'
import type { Answer, OptAnswer, Packet, Question } from 'dns-packet'
import { Forwarder } from '../../../../src/dns/forward/forwarder.js'
import type { Query, Transport } from '../../../../src/dns/request.js'
import { resolve } from '../../../../src/dns/resolver.js'
import type { NameServer } from '../../../../src/system/dns.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { FakeUpstreams } from '../../../support/fake-upstreams.js'

export const edns = (change: object = {}): OptAnswer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: 4096,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
  ...change,
})

export interface Asked extends Packet {
  readonly name?: string
  readonly qtype?: string
  readonly transport?: Transport
}

/** A question that is in no zone. */
export function foreign({
  name = 'example.com',
  qtype = 'A',
  transport = 'udp',
  ...packet
}: Asked = {}): Query {
  const questions = [{ name, type: qtype, class: 'IN' } as Question]
  const message = encode({ id: 4711, flags: 0x0100, questions, ...packet })
  const resolution = resolve(message, [], { transport })
  if (resolution.kind !== 'not-ours') throw new Error('it was answered')
  return resolution.query
}

export function a(data: string, ttl = 60, name = 'example.com'): Answer {
  return { type: 'A', name, ttl, data, class: 'IN' }
}

export function soa(ttl: number, minimum: number): Answer {
  const [mname, rname] = ['ns.example.com', 'root.example.com']
  const times = { serial: 1, refresh: 2, retry: 3, expire: 4 }
  const data = { mname, rname, ...times, minimum }
  return { type: 'SOA', name: 'example.com', ttl, data, class: 'IN' }
}

export interface Read extends Packet {
  readonly rcode: string
  readonly flag_tc: boolean
  readonly flag_aa: boolean
  readonly length: number
}

export function read(message: Uint8Array): Read {
  const packet = decode(Buffer.from(message)) as unknown as Read
  return { ...packet, length: message.length }
}

/** A forwarder with fake time and fake servers at these addresses. */
export class Bench {
  readonly clock = new FakeClock()
  readonly upstreams = new FakeUpstreams()
  servers: NameServer[]
  readonly forwarder: Forwarder

  constructor(...addresses: readonly string[]) {
    this.servers = addresses.map((address) => ({ address, port: 53 }))
    this.forwarder = new Forwarder({
      clock: this.clock,
      client: this.upstreams,
      servers: () => this.servers,
    })
  }

  async ask(query: Query = foreign(), container = 'bbox1') {
    const { result, message } = await this.forwarder.forward(query, container)
    return { result, ...read(message) }
  }

  /** Lets what was answered be heard, and answers no more. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }

  async advance(ms: number): Promise<void> {
    await this.settle()
    this.clock.advance(ms)
    await this.settle()
  }
}
