/**
 * Every error a user can meet, in one table: its code, the HTTP status it
 * travels with, what happened and what to do about it. Code that fails on
 * purpose throws one of these; anything else that is thrown is a bug.
 * `docs/operating/errors.md` lists the same codes, and a test keeps both equal.
 */
export class OvertapError extends Error {
  override readonly name = 'OvertapError'
  /** The facts of the message as data, for programs; JSON, or undefined. */
  readonly details: unknown

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    /** What the user can do about it; one sentence, or empty. */
    readonly remedy: string,
    options?: ErrorOptions & { readonly details?: unknown },
  ) {
    super(message, options)
    this.details = options?.details
  }
}

interface Template<A extends unknown[]> {
  readonly status: number
  readonly message: (...args: A) => string
  readonly remedy: (...args: A) => string
  readonly details?: (...args: A) => unknown
}

function template<A extends unknown[]>(
  status: number,
  message: (...args: A) => string,
  remedy: (...args: A) => string,
  details: (...args: A) => unknown = () => undefined,
): Template<A> {
  return { status, message, remedy, details }
}

const table = {
  // -- configuration ---------------------------------------------------------
  CONFIG_INVALID: template<[field: string, problem: string, remedy?: string]>(
    400,
    (field, problem) => `configuration: ${field}: ${problem}`,
    (field, _, remedy) =>
      remedy ??
      `correct ${field} in the config file, the flag or the environment, then try: overtapd --check-config`,
    (field, problem) => ({ field, problem }),
  ),
  CONFIG_UNREADABLE: template(
    400,
    (path: string, problem: string) =>
      `configuration: cannot read ${path}: ${problem}`,
    (path: string) => `check that ${path} exists and holds YAML or JSON`,
  ),
  PRIVILEGES_MISSING: template(
    403,
    (capabilities: readonly string[]) =>
      `overtapd may not change this host's network: it lacks ${capabilities.join(', ')}`,
    () =>
      'run overtapd as root (sudo overtapd), or in a container with --privileged --network host --pid host',
    (capabilities: readonly string[]) => ({ capabilities }),
  ),

  // -- command line ----------------------------------------------------------
  USAGE: template<[problem: string, remedy: string]>(
    400,
    (problem) => problem,
    (_, remedy) => remedy,
  ),
  DAEMON_NOT_RUNNING: template(
    503,
    (socket: string) => `overtapd is not running at ${socket}`,
    () =>
      'start it (overtapd), or say where its socket is: --socket PATH or OVERTAP_SOCKET',
  ),
  DAEMON_UNREACHABLE: template(
    503,
    (socket: string, problem: string) =>
      `overtapd at ${socket} does not answer: ${problem}`,
    () =>
      'check that this user may use the socket (sudo), and read the log of the daemon',
  ),

  // -- HTTP API --------------------------------------------------------------
  REQUEST_INVALID: template(
    400,
    (problems: readonly { field: string; problem: string }[]) =>
      `invalid request: ${problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ')}`,
    () => 'correct the fields named; docs/interfaces/api.md lists them',
    (problems: readonly { field: string; problem: string }[]) => problems,
  ),
  ROUTE_UNKNOWN: template(
    404,
    (method: string, path: string) => `there is no ${method} ${path}`,
    () => 'docs/interfaces/api.md lists what there is',
  ),
  INTERNAL: template(
    500,
    (id: string) => `something went wrong inside overtapd (error ${id})`,
    (id: string) => `find ${id} in the log of the daemon and report it`,
  ),
  SOCKET_IN_USE: template(
    409,
    (path: string) => `a daemon is already listening on ${path}`,
    () => 'stop the other daemon, or give this one another: --socket PATH',
  ),
  SOCKET_UNUSABLE: template(
    400,
    (path: string, problem: string) => `cannot listen on ${path}: ${problem}`,
    () => 'give the daemon a path that is free and writable: --socket PATH',
  ),

  // -- store -----------------------------------------------------------------
  STORE_UNAVAILABLE: template(
    503,
    (problem: string) => `the store cannot be reached: ${problem}`,
    () =>
      'running traffic goes on; changes work again when the store is back: overtap status',
  ),
  STORE_CONFLICT: template(
    409,
    (key: string) => `${key} was changed by somebody else at the same time`,
    () => 'try again',
  ),
  STORE_FENCED: template(
    409,
    (host: string) => `this daemon no longer holds the lease of host ${host}`,
    () => 'the daemon registers again by itself; try again in a few seconds',
  ),
  STORE_COMPACTED: template(
    503,
    (revision: number) =>
      `the change feed no longer reaches back to revision ${revision}`,
    () => 'the daemon takes a new snapshot by itself',
  ),
  EMBEDDED_REDIS_MISSING: template(
    500,
    () => 'the embedded store needs redis-server, which is not installed',
    () =>
      'apt-get install redis-server, or join an existing store: overtapd --store redis://HOST',
  ),
  EMBEDDED_REDIS_FAILED: template(
    500,
    (problem: string) => `the embedded redis-server does not start: ${problem}`,
    () => 'correct what redis-server reports, then start overtapd again',
  ),
  EMBEDDED_REDIS_IN_USE: template(
    409,
    (directory: string, pid: number) =>
      `${directory} is in use by the running process ${pid}`,
    () =>
      'stop that process, or give this daemon a state directory of its own: overtapd --state DIR',
  ),
  HOST_IDENTITY_TAKEN: template(
    409,
    (host: string, holder: string, own: string) =>
      `host name ${host} is in use by ${holder}; this daemon is ${own}`,
    () => 'give each daemon a name of its own: overtapd --host NAME',
  ),

  // -- networks --------------------------------------------------------------
  NETWORK_NAME_INVALID: template(
    400,
    (name: string) => `invalid network name: ${name}`,
    () =>
      'start with a letter or a digit, go on with those and _ . - only, up to 128 in all',
  ),
  NETWORK_EXISTS: template(
    409,
    (name: string) => `network with name ${name} already exists`,
    (name: string) =>
      `choose another name, or look at it: overtap network inspect ${name}`,
  ),
  NETWORK_NOT_FOUND: template(
    404,
    (reference: string) => `network ${reference} not found`,
    () => 'list the networks there are: overtap network ls',
  ),
  NETWORK_AMBIGUOUS: template(
    400,
    (reference: string, candidates: readonly string[]) =>
      `network ${reference} is ambiguous: ${candidates.join(', ')}`,
    () => 'give more digits of the id, or the name',
    (_: string, candidates: readonly string[]) => ({ candidates }),
  ),
  NETWORK_IN_USE: template(
    409,
    (name: string, holders: readonly { endpoint: string; host: string }[]) =>
      `network ${name} has active endpoints: ${holders.map(({ endpoint, host }) => `${endpoint} (${host})`).join(', ')}`,
    (name: string) =>
      `disconnect each on its host first: overtap network disconnect ${name} TARGET`,
    (_: string, holders: readonly { endpoint: string; host: string }[]) => ({
      holders,
    }),
  ),
  NETWORK_OPTION_INVALID: template(
    400,
    (option: string, value: string, problem: string) =>
      `network option ${option}=${value}: ${problem}`,
    (option: string) => `correct it: --opt ${option}=VALUE`,
  ),
  VNI_IN_USE: template(
    409,
    (vni: number, network: string) =>
      `VNI ${vni} is in use by network ${network}`,
    () => 'choose another with --vni, or leave it out to get the next free one',
  ),
  VNIS_EXHAUSTED: template(
    409,
    (first: number) => `no free VNI from ${first} on`,
    () => 'remove networks that are not needed: overtap network rm NAME',
  ),

  // -- subnets and addresses -------------------------------------------------
  SUBNET_INVALID: template(
    400,
    (subnet: string, problem: string) => `invalid subnet ${subnet}: ${problem}`,
    () => 'give the first address and the prefix length: --subnet 10.22.1.0/24',
  ),
  SUBNET_OVERLAPS: template(
    409,
    (subnet: string, holder: string, prefix: string) =>
      `Pool overlaps with other one on this address space: ${subnet} with ${prefix}, ${holder}`,
    () => 'choose another --subnet, or leave it out to get the next free one',
    (subnet: string, holder: string, prefix: string) => ({
      subnet,
      holder,
      prefix,
    }),
  ),
  SUBNETS_EXHAUSTED: template(
    409,
    (pools: readonly string[]) =>
      `could not find an available, non-overlapping address pool among the defaults (${pools.join(', ')})`,
    () =>
      'give a free one with --subnet, or add to the pools in the configuration',
  ),
  GATEWAY_INVALID: template(
    400,
    (gateway: string, problem: string) =>
      `invalid gateway ${gateway}: ${problem}`,
    () => 'each --gateway is a host address inside one --subnet',
  ),
  IP_RANGE_INVALID: template(
    400,
    (range: string, problem: string) => `invalid ip-range ${range}: ${problem}`,
    () => 'each --ip-range lies inside one --subnet',
  ),
  ADDRESS_INVALID: template(
    400,
    (address: string, problem: string) =>
      `invalid address ${address}: ${problem}`,
    () =>
      'choose a free host address inside a subnet of the network: overtap network inspect NETWORK',
  ),
  ADDRESS_IN_USE: template<
    [address: string, holder: { endpoint: string; host: string } | undefined]
  >(
    409,
    (address) => `Address already in use: ${address}`,
    (_, holder) =>
      holder === undefined
        ? 'choose another --ip, or leave it out to get the next free one'
        : `${holder.endpoint} on ${holder.host} has it; choose another --ip, or leave it out`,
    (address, holder) => ({ address, ...holder }),
  ),
  ADDRESSES_EXHAUSTED: template(
    409,
    (network: string, subnets: readonly string[]) =>
      `no available addresses on this pool: ${subnets.join(', ')} of ${network}`,
    () => 'disconnect containers, or make a network with a larger subnet',
  ),

  // -- endpoints -------------------------------------------------------------
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
  PUBLISH_INVALID: template(
    400,
    (publish: string) => `invalid published port: ${publish}`,
    () => 'write [ip:]host:container[/tcp|udp|sctp]: -p 8080:80',
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

  // -- host ------------------------------------------------------------------
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

  // -- data plane --------------------------------------------------------------
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
} satisfies Record<string, Template<never[]>>

export type ErrorCode = keyof typeof table

type Raise = {
  readonly [C in ErrorCode]: (
    ...args: Parameters<(typeof table)[C]['message']>
  ) => OvertapError
}

/**
 * One function per code that makes the error, to be thrown by the caller:
 * `throw errors.STORE_CONFLICT(key)`.
 */
export const errors = Object.freeze(
  Object.fromEntries(
    Object.entries(table as Record<string, Template<unknown[]>>).map(
      ([code, { status, message, remedy, details }]) => [
        code,
        (...args: unknown[]) =>
          new OvertapError(code, status, message(...args), remedy(...args), {
            details: details?.(...args),
          }),
      ],
    ),
  ),
) as Raise

/** Every code, for the test that compares them with the documentation. */
export const errorCodes = Object.freeze(Object.keys(table)) as ErrorCode[]

export function isOvertapError(
  error: unknown,
  ...codes: ErrorCode[]
): error is OvertapError {
  if (!(error instanceof OvertapError)) return false
  return codes.length === 0 || codes.includes(error.code as ErrorCode)
}
