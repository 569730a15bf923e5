import type { Answer } from 'dns-packet'

export interface RecordText {
  readonly name: string
  readonly type: string
  /** Seconds. */
  readonly ttl: number
  readonly data: string
}

/** A record as people write it (RFC 1035 section 5.1). */
export function recordText(answer: Answer): RecordText {
  const { name, type } = answer
  const ttl = 'ttl' in answer ? (answer.ttl ?? 0) : 0
  return { name, type, ttl, data: dataText(answer) }
}

function dataText(answer: Answer): string {
  switch (answer.type) {
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = answer.data
      return `${priority} ${weight} ${port} ${target}`
    }
    case 'MX': {
      const { preference = 0, exchange } = answer.data
      return `${preference} ${exchange}`
    }
    case 'TXT':
      return [answer.data].flat().map(String).join(' ')
    case 'SOA': {
      const { mname, rname, serial = 0, minimum = 0 } = answer.data
      return `${mname} ${rname} ${serial} ${minimum}`
    }
    default:
      return 'data' in answer && typeof answer.data === 'string'
        ? answer.data
        : ''
  }
}
