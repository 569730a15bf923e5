import { isDeepStrictEqual } from 'node:util'
import { keys } from '../../store/records.js'
import type { Endpoint } from '../../store/records.js'
import type { Attachment } from '../attachments.js'
import { isContainerName } from '../endpoints/request.js'
import type { DriverParts } from './parts.js'
import type { DriverEndpointNames } from './use-cases.js'

const maxAliases = 64

/**
 * Gives an endpoint the names of its container: in the record, by which all
 * hosts answer for them, and in the journal.
 */
export async function rename(
  attachment: Attachment,
  names: DriverEndpointNames,
  interfaceNow: string | undefined,
  { own, writer, log }: DriverParts,
): Promise<void> {
  const { endpoint: before, network, standing } = attachment
  const named = withNames(before, names, interfaceNow)
  if (isDeepStrictEqual(named, before)) return
  // Before the record: what is read back must be what it is to be.
  attachment.endpoint = named
  try {
    await own.keep(named, network, standing)
    if (standing === 'attached') {
      await writer.commit({
        puts: [{ key: keys.endpoint(network.id, named.id), value: named }],
      })
    }
  } catch (error) {
    attachment.endpoint = before
    await own.keep(before, network, standing)
    throw error
  }
  log.info({ network: network.name, endpoint: named.name }, 'container named')
}

/** Names that DNS and our records cannot have are left out. */
function withNames(
  endpoint: Endpoint,
  { name, aliases, hostname, container }: DriverEndpointNames,
  interfaceNow: string | undefined,
): Endpoint {
  const called = isContainerName(name) ? name : endpoint.name
  const others = [...aliases, container.slice(0, 12)].filter(
    (alias) => isContainerName(alias) && alias !== called,
  )
  const isTold =
    hostname !== undefined && hostname !== called && isContainerName(hostname)
  const named: Endpoint = {
    ...endpoint,
    name: called,
    aliases: [...new Set(others)].slice(0, maxAliases),
    target: called,
    interface: interfaceNow ?? endpoint.interface,
  }
  // Absent, not undefined: as it is read back.
  delete named.hostname
  return isTold ? { ...named, hostname } : named
}
