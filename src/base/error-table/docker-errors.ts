import { template } from './template.js'

/** What can go wrong between Docker and its network driver. */
export const dockerErrors = {
  DOCKER_REQUEST_INVALID: template(
    400,
    (method: string, problem: string) => `${method}: ${problem}`,
    () =>
      'this is for Docker to send; if it did, report it with the version of Docker',
  ),
  DOCKER_METHOD_UNKNOWN: template(
    404,
    (method: string) => `the driver has no ${method}`,
    () => 'docs/interfaces/docker.md lists what it has',
  ),
  DOCKER_UNREACHABLE: template(
    502,
    (socket: string, problem: string) =>
      `Docker does not answer at ${socket}: ${problem}`,
    () =>
      'start Docker (systemctl start docker), or tell overtapd where its socket is: --docker-socket PATH',
  ),
  DOCKER_MESSAGE_TOO_LONG: template(
    413,
    (limit: number) =>
      `a message between Docker and its client is longer than ${limit} bytes`,
    () => "send it to Docker's own socket",
  ),
  DRIVER_NOT_READY: template(
    503,
    () => 'overtapd is starting, or stopping',
    () => 'try again in a moment; if that does not help, read its log',
  ),
  POOL_UNKNOWN: template(
    404,
    (pool: string) => `the address pool ${pool} is not overtap's, or too old`,
    () =>
      'create the network with both: docker network create -d overtap --ipam-driver overtap NAME',
  ),
  POOL_MISMATCH: template(
    409,
    (network: string, subnet: string) =>
      `network ${network} has no subnet ${subnet}`,
    (network: string) =>
      `take its own ones: overtap network inspect ${network}`,
  ),
  DRIVER_BUSY: template(
    429,
    (limit: number, what: string) =>
      `Docker has asked for ${limit} ${what} and not used them yet`,
    () => 'they are forgotten after two minutes; try again then',
  ),
  DOCKER_NETWORK_UNKNOWN: template(
    404,
    (dockerId: string) =>
      `Docker's network ${dockerId.slice(0, 12)} is no network of the cluster, or no longer`,
    (dockerId: string) =>
      `remove it and create it again: docker network rm ${dockerId.slice(0, 12)}`,
  ),
  DOCKER_ENDPOINT_UNKNOWN: template(
    404,
    (endpointId: string) =>
      `endpoint ${endpointId.slice(0, 12)} of Docker is not known`,
    () => 'start the container again',
  ),
  ENDPOINT_OF_DOCKER: template(
    409,
    (name: string, network: string) =>
      `${name} on ${network} is a container of Docker`,
    (name: string, network: string) =>
      `let Docker do it: docker network disconnect ${network} ${name}`,
  ),
  MAC_INVALID: template(
    400,
    (mac: string) => `invalid MAC address: ${mac}`,
    () =>
      'give six pairs of hexadecimal digits, the first one even, or leave it out',
  ),
  MAC_IN_USE: template(
    409,
    (mac: string, endpoint: string, host: string) =>
      `MAC address ${mac} is in use by ${endpoint} on ${host}`,
    () => 'choose another --mac-address, or leave it out',
  ),
}
