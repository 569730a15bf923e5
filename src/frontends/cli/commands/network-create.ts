import type { Command } from 'commander'
import { collect, collectPairs, vni } from '../arguments.js'
import { ipamConfig } from '../ipam-config.js'
import type { Run, Session } from '../session.js'

interface Options {
  readonly subnet?: readonly string[]
  readonly gateway?: readonly string[]
  readonly ipRange?: readonly string[]
  readonly auxAddress?: Readonly<Record<string, string>>
  readonly ipv6?: true
  readonly vni?: number
  readonly internal?: true
  readonly opt?: Readonly<Record<string, string>>
  readonly label?: Readonly<Record<string, string>>
}

export function addNetworkCreate(network: Command, run: Run): void {
  network
    .command('create')
    .description('make a network on all hosts; prints its id')
    .argument('<NAME>', 'name of the network')
    .option('--subnet <CIDR>', 'subnet (default: the next free one)', collect)
    .option('--gateway <IP>', 'gateway of its subnet', collect)
    .option('--ip-range <CIDR>', 'give addresses from this range only', collect)
    .option('--aux-address <name=IP>', 'reserve an address', collectPairs)
    .option('--ipv6', 'IPv6 beside IPv4, from a /64 of its own')
    .option('--vni <N>', 'VXLAN network identifier', vni)
    .option('--internal', 'no way out of the overlay')
    .option('-o, --opt <k=v>', 'driver option', collectPairs)
    .option('--label <k=v>', 'label', collectPairs)
    .action((name: string, options: Options) =>
      run((session) => networkCreate(session, name, options)),
    )
}

export async function networkCreate(
  { client, json, print }: Session,
  name: string,
  options: Options,
): Promise<void> {
  const { subnet = [], gateway = [], ipRange = [], auxAddress = {} } = options
  const network = await client.createNetwork({
    Name: name,
    IPAM: { Config: ipamConfig({ subnet, gateway, ipRange, auxAddress }) },
    Internal: options.internal ?? false,
    EnableIPv6: options.ipv6 ?? false,
    Options: options.opt ?? {},
    Labels: options.label ?? {},
    ...(options.vni !== undefined && { VNI: options.vni }),
  })
  print(json ? JSON.stringify(network, null, 2) : network.Id)
}
