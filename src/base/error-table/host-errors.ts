import { template } from './template.js'

/** What can go wrong on the host and in the engine. */
export const hostErrors = {
  // -- host --
  COMMAND_FAILED: template(
    500,
    (command: string, problem: string) => `${command}: ${problem}`,
    () =>
      'check that the daemon runs as root, and that iproute2 and util-linux are installed',
  ),
  FILE_UNWRITABLE: template(
    500,
    (path: string, problem: string) => `cannot write ${path}: ${problem}`,
    () => 'check the permissions and the free space there',
  ),
  JOURNAL_FOREIGN: template(
    409,
    (path: string, holder: string, own: string) =>
      `${path} is the journal of ${holder}; this daemon is ${own}`,
    (path: string) =>
      `start overtapd under that name, or with another --state DIR; to give up what it held, remove ${path}`,
  ),
  JOURNAL_NEWER: template(
    409,
    (path: string, version: number, known: number) =>
      `${path} has format ${version}; this overtapd reads up to ${known}`,
    (path: string) =>
      `start the newer overtapd that wrote it, or remove ${path}: containers are then found by the records of the store`,
  ),
  ADVERTISE_INVALID: template(
    400,
    (advertise: string, problem: string, available: readonly string[]) =>
      `cannot advertise ${advertise}: ${problem}; this host has ${available.join(', ') || 'no address'}`,
    () => 'give an address or an interface of this host: --advertise eth0',
  ),
  ADVERTISE_UNKNOWN: template(
    400,
    (available: readonly string[]) =>
      `cannot tell which address other hosts reach this one at; it has ${available.join(', ') || 'none'}`,
    () => 'say which: overtapd --advertise ADDRESS|INTERFACE',
  ),

  // -- gateway --
  FIREWALL_MISSING: template(
    500,
    (places: readonly string[]) =>
      `nftables is not installed: there is no ${places.join(', ')}`,
    () => 'apt-get install nftables; overtapd goes on by itself then',
  ),
  GATEWAY_FULL: template(
    409,
    (limit: number) =>
      `no more than ${limit} containers of a host can reach the outside`,
    () =>
      'connect it on another host, or to networks made with --internal only',
  ),
  GATEWAY_FOREIGN: template(
    409,
    (name: string) =>
      `the interface ${name} has no address x.x.x.1 that overtap could use`,
    (name: string) => `remove it: ip link delete ${name}`,
  ),
  GATEWAY_UNAVAILABLE: template(
    503,
    (name: string, problem: string) =>
      `${name} cannot reach the outside: ${problem}`,
    () => 'correct that, or connect it without published ports: overtap status',
  ),

  // -- data plane --
  ENGINE_UNAVAILABLE: template(
    500,
    (problem: string) => `the native engine cannot be loaded: ${problem}`,
    () => 'build it with: npm run build:native',
  ),
  VTEP_UNAVAILABLE: template(
    500,
    (address: string, port: number, problem: string) =>
      `cannot receive VXLAN at ${address} port ${port}: ${problem}`,
    (address: string, port: number) =>
      `check that ${address} is an address of this host and that nothing else, a kernel vxlan device for example, has UDP port ${port}: ss -lun; ip -d link show type vxlan`,
  ),
  PORT_UNAVAILABLE: template(
    500,
    (name: string, netns: string, problem: string) =>
      `cannot open interface ${name} in ${netns}: ${problem}`,
    (name: string) =>
      `check that the namespace exists and has no other interface named ${name}, and that /dev/net/tun is there: modprobe tun`,
  ),
}
