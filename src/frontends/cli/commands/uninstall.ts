import type { Command } from 'commander'
import { errors, isOvertapError } from '../../../base/errors.js'
import type { Run, Session } from '../session.js'

export function addUninstall(program: Command, run: Run): void {
  program
    .command('uninstall')
    .description('remove the way outside from this host: bridge, veths, rules')
    .option('--force', 'also while overtapd runs, which makes it again')
    .action(({ force = false }: { force?: boolean }) =>
      run((session) => uninstall(session, force)),
    )
}

export async function uninstall(
  { client, host, json, print }: Session,
  force: boolean,
): Promise<void> {
  if (!force) await refuseWhileRunning(client)
  const removed = await host.uninstall()
  if (json) print(JSON.stringify(removed))
  else if (removed.length === 0) print('nothing to remove')
  else print(removed.map((what) => `removed ${what}`).join('\n'))
}

async function refuseWhileRunning(client: Session['client']): Promise<void> {
  try {
    await client.version()
  } catch (error) {
    if (isOvertapError(error, 'DAEMON_NOT_RUNNING')) return
    throw error
  }
  throw errors.DAEMON_RUNNING()
}
