import type { Answer, Question, StringAnswer } from 'dns-packet'
import { ipVersion } from '../net/ip.js'
import { ipOfReverseName } from './reverse-name.js'
import { parseServiceName } from './service-name.js'
import type { ServiceName } from './service-name.js'
import { startOfAuthority } from './soa.js'
import type { Service, Zone } from './zone.js'

/** Seconds; short, so that nobody talks to an address that moved (Docker: 600). */
export const TTL = 5

export interface Finding {
  readonly rcode: 'NOERROR' | 'NXDOMAIN'
  /** Empty with NOERROR: the name exists, but not with this type. */
  readonly answers: readonly Answer[]
  /** Who says that there is nothing. */
  readonly authorities?: readonly Answer[]
  /** What will be asked next. */
  readonly additionals?: readonly Answer[]
}

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
  if (ip !== undefined) return lookupAddress(question, ip, zones)
  const service = parseServiceName(question.name)
  return (
    lookupName(question, zones) ??
    (service && lookupService(question, service, zones)) ??
    lookupNothing(question.name, zones)
  )
}

function lookupName(
  question: Question,
  zones: readonly Zone[],
): Finding | undefined {
  const { name } = question
  for (const zone of zones) {
    const addresses = zone.addresses(name)
    if (addresses === undefined) continue
    const records = addresses.map((ip) => addressRecord(name, ip))
    return found(records, question, apexIn(zone, name) ?? name)
  }
  return undefined
}

function lookupAddress(
  question: Question,
  ip: string,
  zones: readonly Zone[],
): Finding | NotOurs {
  const { name } = question
  for (const zone of zones) {
    const names = zone.names(ip)
    if (names.length === 0) continue
    const records = names.map((data) => record('PTR', name, data))
    return found(records, question, name)
  }
  if (!zones.some((zone) => zone.covers(ip))) return 'not-ours'
  return absent(ipVersion(ip) === 4 ? 'in-addr.arpa' : 'ip6.arpa')
}

/** Ports of the first who has the name; undefined when nobody has it. */
function lookupService(
  question: Question,
  service: ServiceName,
  zones: readonly Zone[],
): Finding | undefined {
  const { name } = question
  for (const zone of zones) {
    const services = zone.services(service)
    if (services === undefined) continue
    const apex = apexIn(zone, name) ?? service.host
    if (services.length === 0) return absent(apex)
    const records = services.map((one) => serviceRecord(name, one))
    const finding = found(records, question, apex)
    if (finding.answers.length === 0) return finding
    return { ...finding, additionals: addressesOf(services) }
  }
  return undefined
}

function lookupNothing(
  name: string,
  zones: readonly Zone[],
): Finding | NotOurs {
  const zone = zones.find((zone) => zone.contains(name))
  return zone === undefined ? 'not-ours' : absent(apexIn(zone, name) ?? name)
}

/** Those records that are asked for. */
function found(
  records: readonly Answer[],
  question: Question,
  apex: string,
): Finding {
  const answers = records.filter(({ type }) => isAsked(type, question))
  if (answers.length > 0) return { rcode: 'NOERROR', answers }
  const authorities = [startOfAuthority(apex)]
  return { rcode: 'NOERROR', answers, authorities }
}

function absent(apex: string): Finding {
  const authorities = [startOfAuthority(apex)]
  return { rcode: 'NXDOMAIN', answers: [], authorities }
}

/** The network's name as the question spells it, if it is asked by it. */
function apexIn(zone: Zone, name: string): string | undefined {
  return zone.contains(name) ? name.slice(-zone.network.length) : undefined
}

function serviceRecord(name: string, { target, port }: Service): Answer {
  const data = { priority: 0, weight: 0, port, target }
  return { type: 'SRV', name, data, class: 'IN', ttl: TTL }
}

function addressesOf(services: readonly Service[]): Answer[] {
  const byTarget = new Map(
    services.map(({ target, addresses }) => [target, addresses]),
  )
  return [...byTarget].flatMap(([target, addresses]) =>
    addresses.map((ip) => addressRecord(target, ip)),
  )
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
