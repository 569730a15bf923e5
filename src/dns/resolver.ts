import {
  AUTHORITATIVE_ANSWER,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  encode,
  encodingLength,
} from 'dns-packet'
import type { Answer, OptAnswer, Packet } from 'dns-packet'
import { lookup } from './lookup.js'
import type { Finding } from './lookup.js'
import { parseHeader, parseRequest } from './request.js'
import type { Request, RequestHeader } from './request.js'
import type { Zone } from './zone.js'

const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const

const OPCODE_QUERY = 0

/** What an asker without EDNS can take (RFC 1035 section 4.2.1). */
const PLAIN_LIMIT = 512
/** What we send at most, so that no answer needs fragments (DNS flag day 2020). */
const EDNS_LIMIT = 1232
/** BADVERS is 16: 1 in the upper bits that EDNS adds (RFC 6891 section 6.1.3). */
const BADVERS_UPPER_BITS = 1

/**
 * Answers a DNS message over UDP from the zones of the asker's networks, in
 * their order. Undefined when the message is to be ignored: it is an answer
 * itself, or too short to have an id.
 *
 * Answers come in a new order each time. An answer that does not fit is cut
 * and marked truncated; there is no TCP to ask again on, so part of the
 * addresses is better than none.
 *
 * @param random uniform in [0, 1), for the order of the answers
 */
export function resolve(
  message: Uint8Array,
  zones: readonly Zone[],
  random: () => number = Math.random,
): Uint8Array | undefined {
  const header = parseHeader(message)
  if (header === undefined || header.isResponse) return undefined
  if (header.opcode !== OPCODE_QUERY) return bare(header, RCODE.NOTIMP)
  const request = parseRequest(message)
  if (request === undefined) return bare(header, RCODE.FORMERR)
  if ((request.edns?.ednsVersion ?? 0) > 0) return badVersion(header, request)
  const { rcode, answers } = lookup(request.question, zones)
  const found = { rcode, answers: shuffled(answers, random) }
  return encode(truncated(answerTo(header, request, found), request.edns))
}

function answerTo(
  header: RequestHeader,
  { question, edns }: Request,
  { rcode, answers }: Finding,
): Packet {
  const authority = rcode === 'REFUSED' ? 0 : AUTHORITATIVE_ANSWER
  return {
    type: 'response',
    id: header.id,
    flags: flagsOf(header, RCODE[rcode]) | authority,
    questions: [question],
    answers: [...answers],
    additionals: edns === undefined ? [] : [optRecord(edns, 0)],
  }
}

/** A header and nothing else, for what could not be understood. */
function bare(header: RequestHeader, rcode: number): Uint8Array {
  const flags = flagsOf(header, rcode)
  return encode({ type: 'response', id: header.id, flags })
}

function badVersion(header: RequestHeader, { question, edns }: Request) {
  return encode({
    type: 'response',
    id: header.id,
    flags: flagsOf(header, RCODE.NOERROR),
    questions: [question],
    additionals:
      edns === undefined ? [] : [optRecord(edns, BADVERS_UPPER_BITS)],
  })
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

/** With as many answers as the asker can take. */
function truncated(packet: Packet, edns: OptAnswer | undefined): Packet {
  const asked = edns?.udpPayloadSize ?? PLAIN_LIMIT
  const limit = Math.min(Math.max(asked, PLAIN_LIMIT), EDNS_LIMIT)
  let room = limit - encodingLength({ ...packet, answers: [] })
  const fitting: Answer[] = []
  for (const answer of packet.answers ?? []) {
    room -= encodingLength({ answers: [answer] }) - encodingLength({})
    if (room < 0) {
      const flags = (packet.flags ?? 0) | TRUNCATED_RESPONSE
      return { ...packet, flags, answers: fitting }
    }
    fitting.push(answer)
  }
  return packet
}

/** Fisher and Yates, on a copy. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const pool = [...items]
  return items.flatMap(() => pool.splice(Math.floor(random() * pool.length), 1))
}
