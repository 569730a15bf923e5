import type { Command } from 'commander'
import { isOvertapError } from '../../../base/errors.js'
import type { Run, Session } from '../session.js'

export function addNetworkRm(network: Command, run: Run): void {
  network
    .command('rm')
    .alias('remove')
    .description('remove networks from all hosts; prints those that are gone')
    .argument('<NAME...>', 'name, id or beginning of an id')
    .action((references: string[]) =>
      run((session) => networkRm(session, references)),
    )
}

/** One that is refused does not keep the others. */
export async function networkRm(
  { client, json, print, fail }: Session,
  references: readonly string[],
): Promise<void> {
  const removed: string[] = []
  for (const reference of references) {
    try {
      await client.removeNetwork(reference)
      removed.push(reference)
      if (!json) print(reference)
    } catch (error) {
      if (!isOvertapError(error)) throw error
      fail(error)
    }
  }
  if (json) print(JSON.stringify(removed))
}
