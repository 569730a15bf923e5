import type { Command } from 'commander'
import type { Run, Session } from '../session.js'
import { table } from '../table.js'

export function addDnsLs(dns: Command, run: Run): void {
  dns
    .command('ls')
    .alias('list')
    .description('list the names of containers, and those given by hand')
    .argument('[NETWORK]', 'name, id or beginning of an id')
    .action((reference?: string) => run((session) => dnsLs(session, reference)))
}

export async function dnsLs(
  { client, json, print }: Session,
  reference?: string,
): Promise<void> {
  const names = await client.names(reference)
  if (json) {
    print(JSON.stringify(names, null, 2))
    return
  }
  print(
    table(
      ['NAME', 'NETWORK', 'KIND', 'ADDRESSES', 'HOST'],
      names.map(({ Name, Network, Kind, Addresses, Host }) => [
        Name,
        Network,
        Kind,
        Addresses.join(', '),
        Host,
      ]),
    ),
  )
}
