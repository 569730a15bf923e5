import { cidrContains } from '../../net/cidr.js'
import type { Network } from '../../store/records.js'

/** True when the address is in a subnet of the network. */
export function isInside({ subnets }: Network, address: string): boolean {
  return subnets.some(({ subnet }) => cidrContains(subnet, address))
}
