import { template } from './template.js'

/** Who keeps an address from being given. */
export type AddressHolder =
  | { readonly endpoint: string; readonly host: string }
  /** Given back, in quarantine. */
  | { readonly lastEndpoint: string; readonly host: string }
  /** By the network: `gateway`, or the name of an aux address. */
  | { readonly reservedFor: string }

function whoHasIt(holder: AddressHolder | undefined): string {
  if (holder === undefined) return ''
  if ('endpoint' in holder)
    return `${holder.endpoint} on ${holder.host} has it; `
  if ('reservedFor' in holder) {
    return `the network reserves it for ${holder.reservedFor}; `
  }
  return `${holder.lastEndpoint} on ${holder.host} gave it back a moment ago, and only a container of this name may have it at once; `
}

/** What can go wrong with networks and their addresses. */
export const networkErrors = {
  // -- networks --
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

  // -- subnets and addresses --
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
  AUX_ADDRESS_INVALID: template(
    400,
    (address: string, problem: string) =>
      `invalid aux-address ${address}: ${problem}`,
    () =>
      'each --aux-address is NAME=IP with a host address inside one --subnet',
  ),
  ADDRESS_INVALID: template(
    400,
    (address: string, problem: string) =>
      `invalid address ${address}: ${problem}`,
    () =>
      'choose a free host address inside a subnet of the network: overtap network inspect NETWORK',
  ),
  ADDRESS_IN_USE: template<[address: string, holder?: AddressHolder]>(
    409,
    (address) => `Address already in use: ${address}`,
    (_, holder) => `${whoHasIt(holder)}choose another --ip, or leave it out`,
    (address, holder) => ({ address, ...holder }),
  ),
  ADDRESSES_EXHAUSTED: template(
    409,
    (network: string, subnets: readonly string[]) =>
      `no available addresses on this pool: ${subnets.join(', ')} of ${network}`,
    () => 'disconnect containers, or make a network with a larger subnet',
  ),
  IPAM_INCONSISTENT: template<[count: number, repaired: boolean]>(
    409,
    (count) =>
      count === 1
        ? '1 finding is left to mend'
        : `${count} findings are left to mend`,
    (_, repaired) =>
      repaired
        ? 'do what each of them says, and look again: overtap ipam fsck'
        : 'overtap ipam fsck --repair',
  ),
}
