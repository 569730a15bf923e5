import { canonicalIp, isIp } from './ip.js'

/**
 * Published ports in Docker's notation `[[ip:][host]:]container[/protocol]`,
 * in which ports may be ranges. Invalid text throws a TypeError; callers that
 * hold user input ask `publishedPortProblem` first.
 */

export type PublishProtocol = 'tcp' | 'udp' | 'sctp'

/** From 1 to 65535, both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Ports of the host that lead to as many of a container, in the same order. */
export interface PublishedPort {
  /**
   * Canonical address of the host. `0.0.0.0` and `::` mean all of their family;
   * absent, all of both families.
   */
  readonly ip?: string
  readonly hostPorts: PortRange
  readonly containerPorts: PortRange
  readonly protocol: PublishProtocol
}

/** The same as asked for: which ports of the host may be left open. */
export interface PublishRequest extends Omit<PublishedPort, 'hostPorts'> {
  /**
   * Where they are to be taken from: a range as long as the container's, or a
   * longer one for a single port of it. Absent, any that are free.
   */
  readonly hostPorts?: PortRange
}

const range = String.raw`\d+(?:-\d+)?`
const address = String.raw`(?<ip>\[[^\]]+\]|[^:[\]]+)`
const form = new RegExp(
  String.raw`^(?:(?:${address}:(?<hostOfIp>${range})?|(?<host>${range})):)?` +
    String.raw`(?<container>${range})(?:\/(?<protocol>tcp|udp|sctp))?$`,
)

interface Parts {
  readonly ip?: string | undefined
  readonly host?: string | undefined
  readonly container: string
  readonly protocol: PublishProtocol
}

/** What is wrong with the text, as a sentence; null when nothing is. */
export function publishedPortProblem(text: string): string | null {
  const parts = split(text)
  if (parts === null) {
    return 'Expected [[ip:][host]:]container[/tcp|udp|sctp], as in 8080:80.'
  }
  const { ip, host, container } = parts
  if (ip !== undefined && !isIp(ip)) return `${ip} is not an address.`
  const ranges = host === undefined ? [container] : [host, container]
  const wrong = ranges.find((text) => !isRange(readRange(text)))
  if (wrong !== undefined) {
    return `${wrong} is not a port or a range of ports from 1 to 65535.`
  }
  if (host === undefined || fits(readRange(host), readRange(container))) {
    return null
  }
  return `The ranges ${host} and ${container} differ in length.`
}

/** Any of what Docker's `-p` takes; see `PublishRequest`. */
export function parsePublishRequest(text: string): PublishRequest {
  const parts = split(text)
  if (parts === null || publishedPortProblem(text) !== null) {
    throw new TypeError(`not a published port: ${text}`)
  }
  const { ip, host, container, protocol } = parts
  return {
    ...(ip !== undefined && { ip: canonicalIp(ip) }),
    ...(host !== undefined && { hostPorts: readRange(host) }),
    containerPorts: readRange(container),
    protocol,
  }
}

/** Text that says which ports of the host, as the records of endpoints do. */
export function parsePublishedPort(text: string): PublishedPort {
  const request = parsePublishRequest(text)
  if (!isDefinite(request)) {
    throw new TypeError(`no certain port of the host: ${text}`)
  }
  return request
}

/** The ports of the host are certain. */
export function isDefinite(request: PublishRequest): request is PublishedPort {
  const { hostPorts, containerPorts } = request
  return (
    hostPorts !== undefined &&
    rangeSize(hostPorts) === rangeSize(containerPorts)
  )
}

/** The inverse of both; the protocol is always there. */
export function publishText(request: PublishRequest): string {
  const { ip, hostPorts, containerPorts, protocol } = request
  const address = ip === undefined ? [] : [ip.includes(':') ? `[${ip}]` : ip]
  const host =
    hostPorts === undefined
      ? address.length > 0
        ? ['']
        : []
      : [rangeText(hostPorts)]
  const ports = [...address, ...host, rangeText(containerPorts)].join(':')
  return `${ports}/${protocol}`
}

/** `{8000, 8010}` -> `8000-8010`; `{80, 80}` -> `80`. */
export function rangeText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}

/** Number of ports. */
export function rangeSize({ first, last }: PortRange): number {
  return last - first + 1
}

function split(text: string): Parts | null {
  const groups = form.exec(text)?.groups
  if (groups === undefined) return null
  const { ip, hostOfIp, container = '', protocol = 'tcp' } = groups
  return {
    ip: ip?.replace(/^\[|\]$/g, ''),
    host: groups['host'] ?? hostOfIp,
    container,
    protocol: protocol as PublishProtocol,
  }
}

function readRange(text: string): PortRange {
  const [first = 0, last = first] = text.split('-').map(Number)
  return { first, last }
}

function isRange({ first, last }: PortRange): boolean {
  return first >= 1 && last <= 65535 && first <= last
}

/** Ports of the host may be chosen for a single one of the container only. */
function fits(host: PortRange, container: PortRange): boolean {
  const size = rangeSize(container)
  return size === 1 || size === rangeSize(host)
}
