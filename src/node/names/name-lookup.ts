import { decode, encode } from 'dns-packet'
import type { Answer, Packet, Question, RecordType } from 'dns-packet'
import { errors } from '../../base/errors.js'
import { lookup } from '../../dns/lookup.js'
import { reverseNameOf } from '../../dns/reverse-name.js'
import { Zone } from '../../dns/zone.js'
import { isIp } from '../../net/ip.js'
import type { ClusterView } from '../../store/cluster-view.js'
import type { Network } from '../../store/records.js'
import type { Attachment } from '../attachments.js'
import { findNetwork } from '../network-lookup.js'
import type { Rows } from '../rows.js'
import type { LookupRequest, LookupView } from '../use-cases.js'
import { askerOf } from './asker.js'
import type { Asker, AskerParts } from './asker.js'
import type { NameService } from './name-service.js'
import { recordText } from './record-text.js'

export interface NameLookupParts extends AskerParts {
  readonly view: ClusterView
  readonly rows: Rows
  readonly names: NameService
}

const types = new Set<string>(
  'A AAAA PTR SRV MX TXT NS SOA CNAME ANY'.split(' '),
)

/**
 * What a container would get, by the same way. DNS_TYPE_INVALID,
 * DNS_ASKER_NOT_FOUND, NETWORK_NOT_FOUND.
 */
export async function lookUp(
  request: LookupRequest,
  parts: NameLookupParts,
): Promise<LookupView[]> {
  const asker = await askerFor(request, parts)
  const { name } = request
  const asked = isIp(name) ? reverseNameOf(name) : name
  return Promise.all(
    typesAsked(request).map((type) =>
      ask({ name: asked, type: type as RecordType }, asker, parts),
    ),
  )
}

function typesAsked({ name, type }: LookupRequest): readonly string[] {
  if (type === undefined) return isIp(name) ? ['PTR'] : ['A', 'AAAA']
  const known = type.toUpperCase()
  if (!types.has(known)) throw errors.DNS_TYPE_INVALID(type)
  return [known]
}

/** The container that is named, or else somebody who is on these networks. */
async function askerFor(
  { from, network: reference }: LookupRequest,
  parts: NameLookupParts,
): Promise<Asker> {
  const { view, attachments } = parts
  const network =
    reference === undefined ? undefined : findNetwork(view, reference).value
  if (from !== undefined) {
    const own = attachments.all().filter((one) => isCalled(one, from))
    const asked = own.find((one) => one.network.id === network?.id)
    const attachment = network === undefined ? own[0] : asked
    if (attachment === undefined) throw errors.DNS_ASKER_NOT_FOUND(from)
    return askerOf(parts, attachment)
  }
  const networks =
    network === undefined
      ? [...view.networks.values()].map(({ value }) => value)
      : [network]
  const byName = networks.sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    container: 'overtap dns lookup',
    zones: await Promise.all(byName.map((one) => zoneOf(one, parts))),
    forwards: networks.some(({ internal }) => !internal),
  }
}

function isCalled({ endpoint }: Attachment, text: string): boolean {
  return [endpoint.name, endpoint.target, endpoint.netns].includes(text)
}

/** Of networks that this host is not on, from the store. */
async function zoneOf(
  network: Network,
  { view, rows, directories }: NameLookupParts,
): Promise<Zone> {
  if (view.holds(network.id)) return directories.of(network).zone
  const read = await rows.of(network.id)
  const zone = new Zone(network)
  for (const { value } of read.endpoints(network.id).values()) zone.put(value)
  for (const { value } of read.dnsRecords(network.id).values()) {
    zone.putRecord(value)
  }
  return zone
}

async function ask(
  question: Question,
  asker: Asker,
  { names }: NameLookupParts,
): Promise<LookupView> {
  const message = encode({ id: 0, flags: 0x0100, questions: [question] })
  const answer = await names.answer(message, asker, 'tcp')
  // Nothing is answered to what is no question only.
  const packet = decode(Buffer.from(answer ?? message))
  const { name, type } = question
  const { zones } = asker
  return {
    name,
    type,
    status: statusOf(packet),
    answers: (packet.answers ?? []).filter(isRecord).map(recordText),
    reason: reasonFor(question, asker),
    holders: (
      zones.find((zone) => zone.addresses(name))?.holders(name) ?? []
    ).map(({ name, host = '', addresses, isLeftOut }) => ({
      name,
      host,
      addresses,
      leftOut: isLeftOut,
    })),
  }
}

function isRecord({ type }: Answer): boolean {
  return type !== 'OPT'
}

/** Known to dns-packet, though not to its declarations. */
function statusOf(packet: Packet): string {
  return (packet as unknown as { readonly rcode: string }).rcode
}

function reasonFor(question: Question, { zones, forwards }: Asker): string {
  const all = zones.map(({ network }) => network).join(', ')
  for (const zone of zones) {
    const finding = lookup(question, [zone])
    if (finding === 'not-ours') continue
    if (finding.rcode === 'NXDOMAIN') continue
    return finding.answers.length > 0
      ? `${zone.network} has it`
      : `${zone.network} has the name, but nothing of type ${question.type}`
  }
  if (lookup(question, zones) !== 'not-ours') {
    return `it could be of ${all} only, where nobody has it`
  }
  return forwards
    ? `nobody on ${all} has it: the host's resolvers are asked`
    : `nobody on ${all} has it, and who is on internal networks only may not ask outside`
}
