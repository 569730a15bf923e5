import type { Command } from 'commander'
import type { Run, Session } from '../session.js'
import { shortId, table } from '../table.js'

export function addNetworkLs(network: Command, run: Run): void {
  network
    .command('ls')
    .alias('list')
    .description('list the networks of the cluster')
    .action(() => run(networkLs))
}

export async function networkLs({
  client,
  json,
  print,
}: Session): Promise<void> {
  const networks = await client.networks()
  if (json) {
    print(JSON.stringify(networks, null, 2))
    return
  }
  print(
    table(
      ['NETWORK ID', 'NAME', 'DRIVER', 'SCOPE', 'VNI', 'SUBNET'],
      networks.map(({ Id, Name, Driver, Scope, VNI, IPAM }) => [
        shortId(Id),
        Name,
        Driver,
        Scope,
        VNI,
        IPAM.Config.map(({ Subnet }) => Subnet).join(', '),
      ]),
    ),
  )
}
