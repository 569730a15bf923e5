import { isTruncated, rcodeOf } from './answer-check.js'
import { mapMessage, TYPE, viewOf } from './message-map.js'
import type { MessageMap, RecordPlace } from './message-map.js'

/** Seconds; what lives longer is asked for again once a day (RFC 8767 section 4: at most a week). */
const LONGEST = 86_400
/** Seconds; of what is not there (RFC 2308 section 5 recommends one to three hours). */
const LONGEST_NEGATIVE = 3600
const RCODE_NOERROR = 0
const RCODE_NXDOMAIN = 3

/**
 * For how many seconds an answer may be told again; 0: not once. Answers live
 * as long as the record that ends first, and negative ones as long as the SOA
 * record says that comes with them (RFC 2308 section 5). Failures and parts of
 * answers are not kept.
 */
export function lifetimeOf(answer: Uint8Array): number {
  const map = mapMessage(answer)
  if (map === undefined || isTruncated(answer)) return 0
  const rcode = rcodeOf(answer)
  if (rcode !== RCODE_NOERROR && rcode !== RCODE_NXDOMAIN) return 0
  const lifetimes = map.records
    .filter(({ type }) => type !== TYPE.OPT)
    .map((record) => ttlOf(answer, record))
  if (rcode === RCODE_NOERROR && hasAnswer(map)) {
    return Math.min(LONGEST, ...lifetimes)
  }
  const negative = negativeLifetime(answer, map)
  return Math.min(LONGEST_NEGATIVE, negative, ...lifetimes)
}

/** A referral has neither answers nor SOA: it is not kept either. */
function negativeLifetime(answer: Uint8Array, map: MessageMap): number {
  const soa = map.records.find(
    ({ section, type }) => section === 'authority' && type === TYPE.SOA,
  )
  if (soa === undefined || soa.end - soa.data < 22) return 0
  // The last of five numbers (RFC 1035 section 3.3.13).
  return seconds(viewOf(answer).getUint32(soa.end - 4))
}

/**
 * A chain of CNAMEs that ends without the type that was asked for is an answer
 * of one line less: it is negative when a SOA record says so (RFC 2308
 * section 2.2), and lives as long as the chain otherwise.
 */
function hasAnswer({ records }: MessageMap): boolean {
  return (
    records.some(({ section }) => section === 'answer') &&
    !records.some(
      ({ section, type }) => section === 'authority' && type === TYPE.SOA,
    )
  )
}

function ttlOf(answer: Uint8Array, { ttl }: RecordPlace): number {
  return seconds(viewOf(answer).getUint32(ttl))
}

/** With the highest bit set it is 0 (RFC 2181 section 8). */
function seconds(value: number): number {
  return value > 0x7fffffff ? 0 : value
}
