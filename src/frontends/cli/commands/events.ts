import type { Command } from 'commander'
import type { EventResponse } from '../../api/schema.js'
import { eventCount } from '../arguments.js'
import type { Run, Session } from '../session.js'

interface EventsOptions {
  readonly follow?: boolean
  readonly count?: number
}

export function addEvents(program: Command, run: Run): void {
  program
    .command('events')
    .description('show what happened, the newest last')
    .option('-f, --follow', 'go on with what happens, until Ctrl-C')
    .option('-n, --count <N>', 'how many past events (default: 20)', eventCount)
    .action((options: EventsOptions) =>
      run((session) => events(session, options)),
    )
}

export async function events(
  { client, json, print, interruption }: Session,
  { follow = false, count }: EventsOptions,
): Promise<void> {
  const stream = client.events({
    follow,
    ...(count !== undefined && { count }),
    ...(follow && { signal: interruption() }),
  })
  for await (const event of stream) {
    print(json ? JSON.stringify(event) : eventLine(event))
  }
}

/** Room for every kind there is. */
const kindWidth = 21

/** Time, kind and message below each other. */
export function eventLine({ Time, Kind, Message }: EventResponse): string {
  return `${Time}  ${Kind.padEnd(kindWidth)}  ${Message}`
}
