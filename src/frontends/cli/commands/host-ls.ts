import type { Command } from 'commander'
import type { Run, Session } from '../session.js'
import { table } from '../table.js'

export function addHostLs(host: Command, run: Run): void {
  host
    .command('ls')
    .alias('list')
    .description('list the hosts of the cluster; * is the one that answers')
    .action(() => run(hostLs))
}

export async function hostLs({ client, json, print }: Session): Promise<void> {
  const hosts = await client.hosts()
  if (json) {
    print(JSON.stringify(hosts, null, 2))
    return
  }
  print(
    table(
      ['NAME', 'ADDRESS', 'PORT', 'HEALTH', 'VERSION', 'STARTED'],
      hosts.map((host) => [
        host.Self ? `${host.Name} *` : host.Name,
        host.Address,
        host.Port,
        host.Health,
        host.Version,
        host.StartedAt,
      ]),
    ),
  )
}
