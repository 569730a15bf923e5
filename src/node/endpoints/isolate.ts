import { addressOf } from '../../net/cidr.js'
import type { Attachment } from '../attachments.js'
import type { Rival } from '../ownership/restoration.js'
import { deleteRecord } from './detach.js'
import type { EndpointParts } from './parts.js'
import { leaveTap, silence } from './tap.js'

/**
 * Takes a container off whose address is another's: its link goes down, its
 * record goes. What it was stays in the journal until somebody disconnects it,
 * or the other is gone: see `rejoin`.
 */
export async function isolate(
  attachment: Attachment,
  { what, holder }: Rival,
  parts: EndpointParts,
): Promise<void> {
  const { endpoint, network } = attachment
  const { own, forwarding, events, log, config } = parts
  attachment.standing = 'isolated'
  await own.keep(endpoint, network, 'isolated')
  await silence(attachment, parts)
  await leaveTap(attachment, parts)
  forwarding.refresh(network.id)
  await deleteRecord(attachment, parts)
  const [address = ''] = endpoint.addresses.map(addressOf)
  const fields = { network: network.name, endpoint: endpoint.name, address }
  const remedy = endpoint.driver
    ? `docker restart ${endpoint.target}`
    : `overtap network disconnect ${network.name} ${endpoint.target}, then connect it again`
  const message = `${endpoint.name} on ${network.name} is isolated: ${what} belongs to ${holder}`
  log.error(fields, `${message}; ${remedy}`)
  events.record('endpoint-isolated', message, { host: config.host, ...fields })
}
