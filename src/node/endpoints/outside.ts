import type { Attachment } from '../attachments.js'
import type { EndpointParts } from './parts.js'

type Parts = Pick<EndpointParts, 'gateway' | 'log'>

/**
 * Gives a container its way outside. It works without one, so that a failure is
 * a warning; unless it has ports that are to be reached from there.
 */
export async function goOutside(
  { namespace, endpoint, network }: Attachment,
  { gateway, log }: Parts,
): Promise<void> {
  try {
    await gateway.settle(namespace)
  } catch (error) {
    if (endpoint.publish.length > 0) throw error
    log.warn(
      { err: error, endpoint: endpoint.name, network: network.name },
      'the container has no way outside',
    )
  }
}

/** The same for one that a daemon before had connected. */
export async function stayOutside(
  { namespace, endpoint, network }: Attachment,
  { gateway, log }: Parts,
): Promise<void> {
  try {
    await gateway.adopt(namespace)
  } catch (error) {
    log.warn(
      { err: error, endpoint: endpoint.name, network: network.name },
      'the container has no way outside',
    )
  }
}
