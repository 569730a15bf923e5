import type { Command } from 'commander'
import type { Run, Session } from '../session.js'
import { table } from '../table.js'

export function addFdbShow(fdb: Command, run: Run): void {
  fdb
    .command('show')
    .description('show where this host sends frames, as bridge fdb show does')
    .argument('[NETWORK]', 'name, id or beginning of an id')
    .action((reference?: string) =>
      run((session) => fdbShow(session, reference)),
    )
}

export async function fdbShow(
  { client, json, print }: Session,
  reference?: string,
): Promise<void> {
  const rows = await client.forwarding(reference)
  if (json) {
    print(JSON.stringify(rows, null, 2))
    return
  }
  print(
    table(
      ['NETWORK', 'VNI', 'MAC', 'TO', 'KIND', 'ADDRESSES', 'ENDPOINT'],
      rows.map((row) => [
        row.Network,
        row.VNI,
        row.MacAddress,
        row.To,
        row.Kind,
        row.Addresses.join(', '),
        row.Endpoint,
      ]),
    ),
  )
}
