import type { Command } from 'commander'
import { version } from '../../../base/version.js'
import type { Run, Session } from '../session.js'
import { pairs } from '../table.js'

export function addVersion(program: Command, run: Run): void {
  program
    .command('version')
    .description('show the versions of this command and of the daemon')
    .action(() => run(showVersion))
}

/** The command's own version is known without a daemon, and shown first. */
export async function showVersion({
  client,
  json,
  print,
}: Session): Promise<void> {
  if (json) {
    const daemon = await client.version()
    print(
      JSON.stringify({ Client: { Version: version }, Server: daemon }, null, 2),
    )
    return
  }
  print(pairs([['Client', version]]))
  const daemon = await client.version()
  print(
    pairs([
      ['Server', daemon.Version],
      ['API', daemon.ApiVersion],
      ['Node', daemon.NodeVersion],
      ['Kernel', `${daemon.KernelVersion} (${daemon.Os}/${daemon.Arch})`],
    ]),
  )
}
