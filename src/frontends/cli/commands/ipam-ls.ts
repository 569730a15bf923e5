import type { Command } from 'commander'
import type { SubnetResponse } from '../../api/schema.js'
import type { Run, Session } from '../session.js'
import { table } from '../table.js'

export function addIpamLs(ipam: Command, run: Run): void {
  ipam
    .command('ls')
    .alias('list')
    .description('show how full the subnets are, or who has which address')
    .argument('[NETWORK]', 'name, id or beginning of an id')
    .action((reference?: string) =>
      run((session) => ipamLs(session, reference)),
    )
}

export async function ipamLs(
  { client, json, print }: Session,
  reference?: string,
): Promise<void> {
  const subnets = await client.ipam(reference)
  if (json) {
    print(JSON.stringify(subnets, null, 2))
    return
  }
  print(usage(subnets))
  if (reference !== undefined) print(`\n${addresses(subnets)}`)
}

function usage(subnets: readonly SubnetResponse[]): string {
  return table(
    ['NETWORK', 'SUBNET', 'SIZE', 'USED', 'RESERVED', 'QUARANTINED', 'FREE'],
    subnets.map((subnet) => [
      subnet.Network,
      subnet.Subnet,
      subnet.Size,
      subnet.Used,
      subnet.Reserved,
      subnet.Quarantined,
      subnet.Free,
    ]),
  )
}

function addresses(subnets: readonly SubnetResponse[]): string {
  const all = subnets.flatMap(({ Addresses = [] }) => Addresses)
  return table(
    ['ADDRESS', 'STATE', 'HOLDER', 'HOST'],
    all.map(({ Address, State, Holder, Host }) => [
      Address,
      State,
      Holder,
      Host,
    ]),
  )
}
