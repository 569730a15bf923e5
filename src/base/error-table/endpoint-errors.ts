import { template } from './template.js'

/** What can go wrong when containers come and go. */
export const endpointErrors = {
  NAMESPACE_NOT_FOUND: template(
    404,
    (target: string, tried: readonly string[]) =>
      `no network namespace ${target}: looked for ${tried.join(', ')}`,
    () =>
      'give a name (ip netns list), an absolute path, or pid:N of a running process',
    (target: string, tried: readonly string[]) => ({ target, tried }),
  ),
  NAMESPACE_INVALID: template(
    400,
    (target: string, problem: string) =>
      `cannot use ${target} as a network namespace: ${problem}`,
    () =>
      'give a name (ip netns list), an absolute path, or pid:N of a running process',
  ),
  ENDPOINT_NAME_INVALID: template(
    400,
    (name: string) => `invalid container name or alias: ${name}`,
    () => 'start with a letter or a digit, go on with those and _ . - only',
  ),
  ENDPOINT_EXISTS: template(
    409,
    (target: string, network: string, address: string) =>
      `${target} is already connected to ${network} with ${address}`,
    (target: string, network: string) =>
      `to change it, first: overtap network disconnect ${network} ${target}`,
  ),
  ENDPOINT_NOT_FOUND: template<
    [target: string, network: string, hosts: readonly string[]]
  >(
    404,
    (target, network) => `${target} is not connected to ${network} here`,
    (_, network, hosts) =>
      hosts.length === 0
        ? `list who is: overtap network inspect ${network}`
        : `run the command where it is connected: ${hosts.join(', ')}`,
  ),
  INTERFACE_NAME_INVALID: template(
    400,
    (name: string) => `invalid interface name: ${name}`,
    () =>
      'use up to 15 letters, digits, _ . - and start with a letter or digit',
  ),
  INTERFACE_EXISTS: template(
    409,
    (name: string, target: string) => `${target} already has ${name}`,
    () =>
      'choose another --interface, or leave it out to get the next free ethN',
  ),
  MTU_TOO_SMALL: template(
    409,
    (mtu: number, minimum: number) =>
      `the MTU inside the overlay would be ${mtu}; at least ${minimum} is needed`,
    () =>
      'raise the MTU of the path to the other hosts (overtap host ls), or of --opt com.docker.network.driver.mtu',
  ),
  CLEANUP_INCOMPLETE: template(
    500,
    (what: string, problems: readonly string[]) =>
      `${what} is done, but not cleanly: ${problems.join('; ')}`,
    () => 'the log of the daemon has the details',
    (_: string, problems: readonly string[]) => ({ problems }),
  ),
}
