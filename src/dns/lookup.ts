import type { Question, StringAnswer } from 'dns-packet'
import { ipVersion } from '../net/ip.js'
import { ipOfReverseName } from './reverse-name.js'
import type { Zone } from './zone.js'

/** Seconds; short, so that nobody talks to an address that moved (Docker: 600). */
export const TTL = 5

export interface Finding {
  readonly rcode: 'NOERROR' | 'NXDOMAIN'
  /** Empty with NOERROR: the name exists, but not with this type. */
  readonly answers: readonly StringAnswer[]
}

const NXDOMAIN: Finding = { rcode: 'NXDOMAIN', answers: [] }
/** Somebody else may know the name. */
type NotOurs = 'not-ours'

/**
 * What the zones say about a question, as Docker's resolver does: the first
 * zone that knows the name answers alone. Names below a zone are ours also when
 * nobody has them, and so are the addresses of the zones' subnets; other names
 * are not, whether they have a dot or not.
 */
export function lookup(
  question: Question,
  zones: readonly Zone[],
): Finding | NotOurs {
  if ((question.class ?? 'IN') !== 'IN') return 'not-ours'
  const ip = ipOfReverseName(question.name)
  return ip === undefined
    ? lookupName(question, zones)
    : lookupAddress(question, ip, zones)
}

function lookupName(
  question: Question,
  zones: readonly Zone[],
): Finding | NotOurs {
  const { name } = question
  for (const zone of zones) {
    const addresses = zone.addresses(name)
    if (addresses === undefined) continue
    const answers = addresses
      .map((ip) => addressRecord(name, ip))
      .filter(({ type }) => isAsked(type, question))
    return { rcode: 'NOERROR', answers }
  }
  return zones.some((zone) => zone.contains(name)) ? NXDOMAIN : 'not-ours'
}

function lookupAddress(
  question: Question,
  ip: string,
  zones: readonly Zone[],
): Finding | NotOurs {
  for (const zone of zones) {
    const names = zone.names(ip)
    if (names.length === 0) continue
    const answers = names
      .map((data) => record('PTR', question.name, data))
      .filter(({ type }) => isAsked(type, question))
    return { rcode: 'NOERROR', answers }
  }
  return zones.some((zone) => zone.covers(ip)) ? NXDOMAIN : 'not-ours'
}

function addressRecord(name: string, ip: string): StringAnswer {
  return record(ipVersion(ip) === 4 ? 'A' : 'AAAA', name, ip)
}

function record(
  type: 'A' | 'AAAA' | 'PTR',
  name: string,
  data: string,
): StringAnswer {
  return { type, name, data, class: 'IN', ttl: TTL }
}

/** `ANY` is a type of questions only, unknown to dns-packet's declarations. */
function isAsked(type: string, question: Question): boolean {
  const asked: string = question.type
  return asked === type || asked === 'ANY'
}
