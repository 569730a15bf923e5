import { addressOf, cidrContains } from '../../net/cidr.js'
import type { Namespace } from '../../system/system.js'
import type { Attachment } from '../attachments.js'
import type { EndpointParts } from './parts.js'

/** The C library reads no more (resolv.conf(5), MAXNS). */
const limit = 3

/**
 * Points the resolv.conf of a named namespace at the gateways of its networks.
 * A container works without it, so that a failure is a warning.
 */
export async function updateResolvConf(
  namespace: Namespace,
  parts: Pick<EndpointParts, 'attachments' | 'system' | 'log'>,
): Promise<void> {
  const { name, path } = namespace
  if (name === undefined) return
  const { attachments, system, log } = parts
  const servers = attachments.ofNamespace(namespace).flatMap(gateways)
  try {
    const done = await system.resolvConf.write(name, servers.slice(0, limit))
    if (done === 'foreign') {
      log.warn({ netns: path }, 'resolv.conf is not ours; left as it is')
    }
  } catch (error) {
    log.warn({ err: error, netns: path }, 'resolv.conf cannot be written')
  }
}

/** The gateway of the subnet its first address is in. */
function gateways({ endpoint, network }: Attachment): string[] {
  const [first = ''] = endpoint.addresses.map(addressOf)
  return network.subnets
    .filter(({ subnet }) => cidrContains(subnet, first))
    .map(({ gateway }) => gateway)
}
