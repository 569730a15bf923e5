import type { Command } from 'commander'
import type { Run, Session } from '../session.js'

export function addDnsAdd(dns: Command, run: Run): void {
  dns
    .command('add')
    .description('give a name to addresses, besides those it has')
    .argument('<NETWORK>', 'whose containers shall know it')
    .argument('<NAME>', 'with dots, if you like')
    .argument('<ADDRESS...>', 'IPv4 or IPv6')
    .action((network: string, name: string, addresses: string[]) =>
      run((session) => dnsAdd(session, network, name, addresses)),
    )
}

export async function dnsAdd(
  { client, json, print }: Session,
  network: string,
  name: string,
  addresses: readonly string[],
): Promise<void> {
  const added = await client.addName(network, {
    Name: name,
    Addresses: [...addresses],
  })
  print(json ? JSON.stringify(added, null, 2) : added.Name)
}
