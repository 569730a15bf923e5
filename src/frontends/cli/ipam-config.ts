import { errors } from '../../base/errors.js'
import { cidrContains, isCidr } from '../../net/cidr.js'
import { isIp } from '../../net/ip.js'
import type { CreateNetworkBody } from '../api/schema.js'

export type IpamConfig = NonNullable<
  NonNullable<CreateNetworkBody['IPAM']>['Config']
>

interface AddressOptions {
  readonly subnet: readonly string[]
  readonly gateway: readonly string[]
  readonly ipRange: readonly string[]
  /** Name -> address. */
  readonly auxAddress: Readonly<Record<string, string>>
}

/**
 * Puts each gateway, range and aux address with the subnet that holds it, as
 * Docker's command line does. Throws USAGE for one that belongs to none; whether a
 * subnet can be had is the daemon's to say.
 */
export function ipamConfig(options: AddressOptions): IpamConfig {
  const config: IpamConfig = options.subnet.map((Subnet) => ({ Subnet }))
  for (const gateway of options.gateway) {
    place(config, 'Gateway', gateway, gateway)
  }
  for (const range of options.ipRange) {
    place(config, 'IPRange', range, range.split('/')[0] ?? range)
  }
  for (const [name, address] of Object.entries(options.auxAddress)) {
    const home = homeOf(config, '--aux-address', `${name}=${address}`, address)
    home.AuxiliaryAddresses = { ...home.AuxiliaryAddresses, [name]: address }
  }
  return config
}

function place(
  config: IpamConfig,
  field: 'Gateway' | 'IPRange',
  value: string,
  address: string,
): void {
  const option = field === 'Gateway' ? '--gateway' : '--ip-range'
  const home = homeOf(config, option, value, address)
  if (home[field] !== undefined) {
    throw errors.USAGE(
      `subnet ${home.Subnet} has two of ${option}: ${home[field]} and ${value}`,
      'give each subnet one at most',
    )
  }
  home[field] = value
}

function homeOf(
  config: IpamConfig,
  option: string,
  value: string,
  address: string,
): IpamConfig[number] {
  const home = config.find(({ Subnet }) => contains(Subnet, address))
  if (home) return home
  throw errors.USAGE(
    `${option} ${value} is in none of the subnets`,
    `give the subnet it is in: --subnet CIDR ${option} ${value}`,
  )
}

function contains(subnet: string, address: string): boolean {
  return isCidr(subnet) && isIp(address) && cidrContains(subnet, address)
}
