import { errors } from '../../base/errors.js'
import { parsePublishRequest, publishText } from '../../net/published-port.js'
import { ipVersion } from '../../net/ip.js'
import type { PublishRequest } from '../../net/published-port.js'
import type { Attachment } from '../attachments.js'
import { recordedPorts } from '../gateway/published-ports.js'
import type { PortOwner } from '../gateway/published-ports.js'
import type { Undo } from '../undo.js'
import type { AttachOrder } from './attach.js'
import type { EndpointParts } from './parts.js'

/**
 * Takes the ports of the host that an endpoint asks for. Resolves to what its
 * record says: ports that were left open are chosen now, once and for all.
 */
export async function takePorts(
  { id, request, network: { value: network } }: AttachOrder,
  name: string,
  { published, gateway }: Pick<EndpointParts, 'published' | 'gateway'>,
  undo: Undo,
): Promise<string[]> {
  if (request.publish.length === 0) return []
  if (network.internal) throw errors.PUBLISH_INTERNAL(network.name)
  const requests = request.publish.map(parsePublishRequest)
  refuseWithoutWay(name, requests, gateway)
  undo('release its ports', () => {
    published.release(id)
  })
  const owner = { id, name, network: network.name }
  return (await published.take(owner, requests)).map(publishText)
}

/** Nothing leads to a container without its gateway. */
function refuseWithoutWay(
  name: string,
  requests: readonly PublishRequest[],
  gateway: EndpointParts['gateway'],
): void {
  const { state, reason } = gateway.status()
  if (state === 'off' || state === 'unavailable') {
    const why = state === 'off' ? 'the gateway is off' : reason
    throw errors.GATEWAY_UNAVAILABLE(name, why)
  }
  const families = gateway.families()
  const unreachable = requests.find(
    ({ ip }) => ip !== undefined && !families.includes(ipVersion(ip)),
  )
  if (unreachable?.ip !== undefined) throw errors.PUBLISH_FAMILY(unreachable.ip)
}

/** The ports of a container of the daemon before, which lead to it already. */
export async function adoptPorts(
  { endpoint, network }: Attachment,
  { published, log }: Pick<EndpointParts, 'published' | 'log'>,
): Promise<void> {
  const { id, name } = endpoint
  const owner: PortOwner = { id, name, network: network.name }
  const problems = await published.adopt(owner, recordedPorts(endpoint))
  for (const problem of problems) {
    log.warn({ endpoint: name, network: network.name }, problem)
  }
}
