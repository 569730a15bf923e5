import { lookup } from './lookup.js'
import { parseHeader, parseRequest } from './request.js'
import type { Query, Transport } from './request.js'
import { answerTo, badVersion, bareAnswer } from './response.js'
import type { Zone } from './zone.js'

const OPCODE_QUERY = 0

export type Resolution =
  | {
      readonly kind: 'answer'
      readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'FORMERR' | 'NOTIMP' | 'BADVERS'
      readonly message: Uint8Array
    }
  /** The name is not in our zones: somebody else may know it. */
  | { readonly kind: 'not-ours'; readonly query: Query }
  /** It is an answer itself, or too short to have an id. */
  | { readonly kind: 'ignore' }

export interface ResolveOptions {
  readonly transport?: Transport
  /** Uniform in [0, 1), for the order of the answers. */
  readonly random?: () => number
}

/**
 * Answers a DNS message from the zones of the asker's networks, in their
 * order. Answers come in a new order each time; over UDP those that do not fit
 * are cut off, and the answer is marked truncated.
 */
export function resolve(
  message: Uint8Array,
  zones: readonly Zone[],
  { transport = 'udp', random = Math.random }: ResolveOptions = {},
): Resolution {
  const header = parseHeader(message)
  if (header === undefined || header.isResponse) return { kind: 'ignore' }
  if (header.opcode !== OPCODE_QUERY) {
    return answer('NOTIMP', bareAnswer(header, 'NOTIMP'))
  }
  const request = parseRequest(message)
  if (request === undefined) {
    return answer('FORMERR', bareAnswer(header, 'FORMERR'))
  }
  if ((request.edns?.ednsVersion ?? 0) > 0) {
    return answer('BADVERS', badVersion(header, request))
  }
  const query = { ...request, header, message, transport }
  const found = lookup(request.question, zones)
  if (found === 'not-ours') return { kind: 'not-ours', query }
  const answers = shuffled(found.answers, random)
  return answer(found.rcode, answerTo(query, { ...found, answers }))
}

function answer(
  rcode: Extract<Resolution, { kind: 'answer' }>['rcode'],
  message: Uint8Array,
): Resolution {
  return { kind: 'answer', rcode, message }
}

/** Fisher and Yates, on a copy. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const pool = [...items]
  for (const [at, item] of pool.entries()) {
    const other = at + Math.floor(random() * (pool.length - at))
    pool[at] = pool[other] ?? item
    pool[other] = item
  }
  return pool
}
