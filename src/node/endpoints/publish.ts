import { errors } from '../../base/errors.js'
import {
  parsePublishedPort,
  parsePublishRequest,
  publishText,
} from '../../net/published-port.js'
import type { Attachment } from '../attachments.js'
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
  { published }: Pick<EndpointParts, 'published'>,
  undo: Undo,
): Promise<string[]> {
  if (request.publish.length === 0) return []
  if (network.internal) throw errors.PUBLISH_INTERNAL(network.name)
  undo('release its ports', () => {
    published.release(id)
  })
  const owner = { id, name, network: network.name }
  const requests = request.publish.map(parsePublishRequest)
  return (await published.take(owner, requests)).map(publishText)
}

/** The ports of a container of the daemon before, which lead to it already. */
export async function adoptPorts(
  { endpoint, network }: Attachment,
  { published, log }: Pick<EndpointParts, 'published' | 'log'>,
): Promise<void> {
  const { id, name, publish } = endpoint
  const owner: PortOwner = { id, name, network: network.name }
  const problems = await published.adopt(owner, publish.map(parsePublishedPort))
  for (const problem of problems) {
    log.warn({ endpoint: name, network: network.name }, problem)
  }
}
