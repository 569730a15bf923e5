import { errors } from '../../base/errors.js'
import { publishedPortProblem } from '../../net/published-port.js'
import { isInterfaceName } from '../../system/link.js'
import type { ConnectRequest } from '../use-cases.js'

/** Refuses what can be seen to be wrong without looking at the host. */
export function checkConnectRequest(request: ConnectRequest): void {
  const { name, aliases, publish, interface: ifname } = request
  for (const text of [...(name === undefined ? [] : [name]), ...aliases]) {
    if (!isContainerName(text)) throw errors.ENDPOINT_NAME_INVALID(text)
  }
  if (ifname !== undefined && !isInterfaceName(ifname)) {
    throw errors.INTERFACE_NAME_INVALID(ifname)
  }
  for (const text of publish) {
    if (publishedPortProblem(text) !== null) throw errors.PUBLISH_INVALID(text)
  }
}

/** Docker's rule for names of containers (moby daemon/names), with a limit. */
export function isContainerName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(text)
}
