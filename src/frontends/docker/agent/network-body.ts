import type { Network, Subnet } from '../../../store/records.js'
import type { CreateNetworkBody } from './schema.js'

/**
 * Says which network of the cluster a network of Docker is: an option for the
 * driver, an option for its addresses, and a label for people.
 */
export const idKey = 'overtap.gid'

/** How a network of the cluster is created in Docker. */
export function networkBody(
  network: Network,
  driver: string,
): CreateNetworkBody {
  const { id, name, subnets, internal, options, labels } = network
  return {
    Name: name,
    CheckDuplicate: true,
    Driver: driver,
    Internal: internal,
    EnableIPv6: subnets.some(({ subnet }) => subnet.includes(':')),
    IPAM: {
      Driver: driver,
      Options: { [idKey]: id },
      Config: subnets.map(ipamConfig),
    },
    Options: { ...options, [idKey]: id },
    Labels: { ...labels, [idKey]: id },
  }
}

/** Those that the user gave. */
export function userLabels(
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([key]) => key !== idKey),
  )
}

function ipamConfig({ subnet, gateway, ipRange, auxAddresses }: Subnet) {
  return {
    Subnet: subnet,
    Gateway: gateway,
    ...(ipRange !== undefined && { IPRange: ipRange }),
    ...(auxAddresses !== undefined && { AuxiliaryAddresses: auxAddresses }),
  }
}
