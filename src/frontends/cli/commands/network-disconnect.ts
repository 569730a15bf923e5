import type { Command } from 'commander'
import { absoluteTarget } from '../arguments.js'
import type { Run, Session } from '../session.js'

export function addNetworkDisconnect(network: Command, run: Run): void {
  network
    .command('disconnect')
    .description('take a container (a network namespace) off a network')
    .argument('<NETWORK>', 'name, id or beginning of an id')
    .argument('<TARGET>', "the namespace's name, path, or pid:N")
    .action((reference: string, target: string) =>
      run((session) => networkDisconnect(session, reference, target)),
    )
}

/** Silent on success, as `docker network disconnect`. */
export async function networkDisconnect(
  { client, json, cwd, print }: Session,
  reference: string,
  target: string,
): Promise<void> {
  const endpoint = await client.disconnect(reference, {
    Target: absoluteTarget(target, cwd),
  })
  if (json) print(JSON.stringify(endpoint, null, 2))
}
