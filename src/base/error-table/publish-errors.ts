import { template } from './template.js'

/** Who keeps a port of the host from being published. */
export type PortUser =
  /** A container of this host; which network its port came with. */
  | { readonly container: string; readonly network: string }
  /** `nginx (pid 812)`; null when nobody knows. */
  | { readonly process: string | null }

function userText(user: PortUser): string {
  if ('container' in user) {
    return `published already, by ${user.container} on ${user.network}`
  }
  return `in use by ${user.process ?? 'somebody else'}`
}

/** What can go wrong when ports of the host are to lead to a container. */
export const publishErrors = {
  PUBLISH_INVALID: template(
    400,
    (publish: string) => `invalid published port: ${publish}`,
    () => 'write [[ip:][host]:]container[/tcp|udp|sctp]: -p 8080:80',
  ),
  PUBLISH_INTERNAL: template(
    409,
    (network: string) =>
      `no port can be published for a container on ${network}: the network is internal, and without the way outside that ports need`,
    () =>
      'leave --publish out, or connect the container to a network made without --internal and publish there',
  ),
  PUBLISH_CONFLICT: template(
    409,
    (port: string, user: PortUser) =>
      `port ${port} of this host is ${userText(user)}`,
    (_: string, user: PortUser) =>
      'container' in user
        ? 'choose another port of the host, or disconnect that container first: overtap endpoint ls'
        : 'choose another port of the host, or stop what listens there',
    (port: string, user: PortUser) => ({ port, ...user }),
  ),
  PUBLISH_EXHAUSTED: template(
    409,
    (ports: string, wanted: number) =>
      wanted === 1
        ? `none of the ports ${ports} of this host is free`
        : `the ports ${ports} of this host have no ${wanted} in a row that are free`,
    () => 'say which port of the host to publish: -p 8080:80',
  ),
  PUBLISH_ADDRESS_UNKNOWN: template(
    400,
    (ip: string) =>
      `ports cannot be published at ${ip}: this host has no such address`,
    () =>
      'give an address of this host (ip address), or leave it out to publish at all of them',
  ),
  PUBLISH_FAMILY: template(
    409,
    (ip: string) =>
      `ports cannot be published at ${ip}: containers have no address of that family on the gateway bridge`,
    () =>
      'publish at an address of the other family, or give the bridge a range: overtapd --gateway-subnet, --gateway-subnet6',
  ),
  PUBLISH_TOO_MANY: template(
    400,
    (wanted: number, limit: number) =>
      `${wanted} ports are too many: a container can publish ${limit}`,
    () => 'publish a smaller range of ports',
  ),
  PUBLISH_FAILED: template(
    500,
    (port: string, problem: string) =>
      `port ${port} of this host cannot be taken: ${problem}`,
    () => 'correct that, or choose another port',
  ),
}
