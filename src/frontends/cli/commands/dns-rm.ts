import type { Command } from 'commander'
import type { Run, Session } from '../session.js'

export function addDnsRm(dns: Command, run: Run): void {
  dns
    .command('rm')
    .alias('remove')
    .description('take a name away that was given by hand, or some addresses')
    .argument('<NETWORK>', 'where it was added')
    .argument('<NAME>', 'as dns ls shows it')
    .argument('[ADDRESS...]', 'only these; all without any')
    .action((network: string, name: string, addresses: string[]) =>
      run((session) => dnsRm(session, network, name, addresses)),
    )
}

export async function dnsRm(
  { client, json, print }: Session,
  network: string,
  name: string,
  addresses: readonly string[],
): Promise<void> {
  const left = await client.removeName(network, {
    Name: name,
    Addresses: [...addresses],
  })
  print(json ? JSON.stringify(left, null, 2) : name)
}
