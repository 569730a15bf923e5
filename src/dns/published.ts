import {
  parsePublishRequest,
  publishedPortProblem,
} from '../net/published-port.js'
import type { PortRange, PublishRequest } from '../net/published-port.js'
import type { ServiceName } from './service-name.js'

/** Of a range that was published, not more than these are listed. */
const MAX_LISTED = 64

/**
 * The container's own ports that are meant by a question. A number is first one
 * of the host's, as it was published, and else one of the container's.
 */
export function portsAsked(
  publish: readonly string[],
  { port, protocol }: Pick<ServiceName, 'port' | 'protocol'>,
): number[] {
  const published = publish
    .filter((text) => publishedPortProblem(text) === null)
    .map(parsePublishRequest)
    .filter((one) => one.protocol === protocol)
  if (port === undefined) {
    const all = published.flatMap((one) => portsOf(one.containerPorts))
    return [...new Set(all)].slice(0, MAX_LISTED)
  }
  const led = published.flatMap((one) => behind(one, port))
  if (led.length > 0) return [...new Set(led)]
  const isOwn = published.some((one) => contains(one.containerPorts, port))
  return isOwn ? [port] : []
}

/** Where a port of the host leads to. */
function behind(
  { hostPorts, containerPorts }: PublishRequest,
  port: number,
): number[] {
  if (hostPorts === undefined || !contains(hostPorts, port)) return []
  const own = containerPorts.first + port - hostPorts.first
  return contains(containerPorts, own) ? [own] : []
}

function portsOf({ first, last }: PortRange): number[] {
  const length = Math.min(last - first + 1, MAX_LISTED)
  return Array.from({ length }, (_, at) => first + at)
}

function contains({ first, last }: PortRange, port: number): boolean {
  return first <= port && port <= last
}
