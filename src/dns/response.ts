import {
  AUTHORITATIVE_ANSWER,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  encode,
  encodingLength,
} from 'dns-packet'
import type { Answer, OptAnswer, Packet } from 'dns-packet'
import { compressed, saving } from './compress.js'
import type { Query, Request, RequestHeader, Transport } from './request.js'

export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const

/** What an asker without EDNS can take (RFC 1035 section 4.2.1). */
const PLAIN_LIMIT = 512
/** What we send over UDP at most, so that no answer needs fragments (DNS flag day 2020). */
export const EDNS_LIMIT = 1232
/** The length before a message over TCP has 16 bits (RFC 1035 section 4.2.2). */
const TCP_LIMIT = 65_535
/** BADVERS is 16: 1 in the upper bits that EDNS adds (RFC 6891 section 6.1.3). */
const BADVERS_UPPER_BITS = 1

/** What we know ourselves: the answer of a server with authority. */
export interface Known {
  readonly rcode: 'NOERROR' | 'NXDOMAIN'
  readonly answers: readonly Answer[]
  readonly authorities?: readonly Answer[]
  /** Left out when they do not fit, without a word. */
  readonly additionals?: readonly Answer[]
}

/** Cut and marked truncated when it does not fit. */
export function answerTo(query: Query, known: Known): Uint8Array {
  const { rcode, answers, authorities = [], additionals = [] } = known
  const packet = emptyAnswer(query, RCODE[rcode] | AUTHORITATIVE_ANSWER)
  const whole = {
    ...packet,
    answers: [...answers],
    authorities: [...authorities],
  }
  const limit = sizeLimit(query)
  return compressed(
    encode(extended(truncated(whole, limit), additionals, limit)),
  )
}

/** Tells the asker that there is no answer, and why. */
export function failureFor(
  query: Query,
  rcode: 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED',
): Uint8Array {
  return encode(emptyAnswer(query, RCODE[rcode]))
}

/** A header and nothing else, for what could not be understood. */
export function bareAnswer(
  header: RequestHeader,
  rcode: 'FORMERR' | 'NOTIMP',
): Uint8Array {
  const flags = flagsOf(header, RCODE[rcode])
  return encode({ type: 'response', id: header.id, flags })
}

export function badVersion(
  header: RequestHeader,
  { question, edns }: Request,
): Uint8Array {
  return encode({
    type: 'response',
    id: header.id,
    flags: flagsOf(header, RCODE.NOERROR),
    questions: [question],
    additionals:
      edns === undefined ? [] : [optRecord(edns, BADVERS_UPPER_BITS)],
  })
}

/** Bytes that the asker can take in one message. */
export function sizeLimit({ edns, transport }: SizeHint): number {
  if (transport === 'tcp') return TCP_LIMIT
  const asked = edns?.udpPayloadSize ?? PLAIN_LIMIT
  return Math.min(Math.max(asked, PLAIN_LIMIT), EDNS_LIMIT)
}

type SizeHint = Pick<Query, 'edns'> & { readonly transport: Transport }

function emptyAnswer({ header, question, edns }: Query, flags: number): Packet {
  return {
    type: 'response',
    id: header.id,
    flags: flagsOf(header, flags),
    questions: [question],
    answers: [],
    additionals: edns === undefined ? [] : [optRecord(edns, 0)],
  }
}

/** Recursion is always said to be available, as Docker's resolver does: stubs warn otherwise. */
function flagsOf(header: RequestHeader, rcode: number): number {
  const desired = header.recursionDesired ? RECURSION_DESIRED : 0
  return (header.opcode << 11) | desired | RECURSION_AVAILABLE | rcode
}

/** Ours: what we can take, and the asker's DNSSEC OK bit (RFC 3225 section 3). */
function optRecord(asked: OptAnswer, extendedRcode: number): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: EDNS_LIMIT,
    extendedRcode,
    ednsVersion: 0,
    flags: asked.flags & 0x8000,
    flag_do: asked.flag_do,
    options: [],
  }
}

/** With as many answers as the asker can take: part of them is better than none. */
function truncated(packet: Packet, limit: number): Packet {
  const { answers = [] } = packet
  const room = limit - lengthOf({ ...packet, answers: [] })
  const fitting = firstThatFit(answers, room, nameAsked(packet))
  if (fitting.length === answers.length) return packet
  const flags = (packet.flags ?? 0) | TRUNCATED_RESPONSE
  return { ...packet, flags, answers: fitting }
}

/** With what has room behind it; additional records are no reason to truncate. */
function extended(
  packet: Packet,
  additionals: readonly Answer[],
  limit: number,
): Packet {
  const room = limit - lengthOf(packet)
  const fitting = firstThatFit(additionals, room, nameAsked(packet))
  return {
    ...packet,
    additionals: [...fitting, ...(packet.additionals ?? [])],
  }
}

function firstThatFit(
  records: readonly Answer[],
  room: number,
  asked: string,
): Answer[] {
  let left = room
  const tooMany = records.findIndex((record) => {
    const alone = encodingLength({ answers: [record] }) - encodingLength({})
    left -= alone - saving(record, asked)
    return left < 0
  })
  return tooMany === -1 ? [...records] : records.slice(0, tooMany)
}

/** Compressed. */
function lengthOf(packet: Packet): number {
  const { answers = [], authorities = [] } = packet
  const asked = nameAsked(packet)
  return [...answers, ...authorities].reduce(
    (length, record) => length - saving(record, asked),
    encodingLength(packet),
  )
}

function nameAsked({ questions = [] }: Packet): string {
  return questions[0]?.name ?? ''
}
