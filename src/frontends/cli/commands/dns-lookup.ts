import type { Command } from 'commander'
import type { LookupQuery } from '../../api/client.js'
import type { LookupResponse } from '../../api/dns-schema.js'
import type { Run, Session } from '../session.js'
import { table } from '../table.js'

interface Options {
  readonly type?: string
  readonly network?: string
  readonly from?: string
}

export function addDnsLookup(dns: Command, run: Run): void {
  dns
    .command('lookup')
    .description('show what a container gets for a name or address, and why')
    .argument('<NAME>', 'or an address')
    .option('--type <TYPE>', 'A, AAAA, PTR, SRV...; default A and AAAA')
    .option('--network <NETWORK>', 'asked on this network only, or first')
    .option('--from <CONTAINER>', 'a container of this host that asks')
    .action((name: string, options: Options) =>
      run((session) => dnsLookup(session, { name, ...options })),
    )
}

export async function dnsLookup(
  { client, json, print }: Session,
  query: LookupQuery,
): Promise<void> {
  const found = await client.lookup(query)
  if (json) {
    print(JSON.stringify(found, null, 2))
    return
  }
  const answers = found.flatMap(({ Answers }) => Answers)
  if (answers.length > 0) print(answerTable(answers))
  for (const { Type, Status, Reason } of found) {
    print(`${Type}: ${Status}, ${Reason}`)
  }
  for (const line of leftOut(found)) print(line)
}

function answerTable(answers: LookupResponse['Answers']): string {
  return table(
    ['NAME', 'TYPE', 'TTL', 'DATA'],
    answers.map(({ Name, Type, TTL, Data }) => [Name, Type, TTL, Data]),
  )
}

/** Whom a question of any type would not get. */
function leftOut(found: readonly LookupResponse[]): string[] {
  const holders = found.flatMap(({ Holders }) => Holders)
  const lines = holders
    .filter(({ LeftOut }) => LeftOut)
    .map(({ Name, Host }) => `left out: ${Name}, as ${Host} may be gone`)
  return [...new Set(lines)]
}
