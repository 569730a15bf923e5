import { addressOf } from '../../net/cidr.js'
import type { Attachment } from '../attachments.js'
import { updateResolvConf } from './name-servers.js'
import type { EndpointParts } from './parts.js'
import { openTap, raise } from './tap.js'

/**
 * Takes an isolated container back: whoever had its address is gone, and its
 * records are in the store again.
 */
export async function rejoin(
  attachment: Attachment,
  parts: EndpointParts,
): Promise<void> {
  const { endpoint, network, namespace } = attachment
  const { own, events, log, config } = parts
  await own.keep(endpoint, network, 'attached')
  attachment.standing = 'attached'
  await openTap(attachment, parts)
  await raise(attachment, parts)
  await updateResolvConf(namespace, parts)
  const [address = ''] = endpoint.addresses.map(addressOf)
  const fields = { network: network.name, endpoint: endpoint.name, address }
  const message = `${endpoint.name} on ${network.name} is no longer isolated: ${address} is its own again`
  log.info(fields, message)
  events.record('endpoint-rejoined', message, { host: config.host, ...fields })
}
