import type { Command } from 'commander'
import type { Run, Session } from '../session.js'

export function addDnsFlush(dns: Command, run: Run): void {
  dns
    .command('flush')
    .description('forget what resolvers of this host answered; ask them anew')
    .action(() => run(dnsFlush))
}

export async function dnsFlush({
  client,
  json,
  print,
}: Session): Promise<void> {
  const flushed = await client.flushDns()
  print(
    json
      ? JSON.stringify(flushed, null, 2)
      : `${flushed.Flushed} answers forgotten`,
  )
}
