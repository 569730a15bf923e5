import { errors } from '../../base/errors.js'
import { isIp } from '../../net/ip.js'
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
    if (!isPublish(text)) throw errors.PUBLISH_INVALID(text)
  }
}

/** Docker's rule for names of containers (moby daemon/names), with a limit. */
export function isContainerName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(text)
}

/** `[host address:][host port:]container port[/protocol]`, as Docker's -p. */
function isPublish(text: string): boolean {
  const match =
    /^(?:(?<ip>\[[^\]]+\]|[^:[\]]+):)??(?:(?<host>\d*):)?(?<port>\d+)(?:\/(?:tcp|udp|sctp))?$/.exec(
      text,
    )
  const { ip, host, port } = match?.groups ?? {}
  const isPort = (digits: string) =>
    Number(digits) >= 1 && Number(digits) <= 65535
  return (
    port !== undefined &&
    isPort(port) &&
    (host === undefined || host === '' || isPort(host)) &&
    (ip === undefined || isIp(ip.replace(/^\[|\]$/g, '')))
  )
}
