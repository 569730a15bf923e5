import type { Command } from 'commander'
import { errors } from '../../../base/errors.js'
import type { FindingResponse } from '../../api/schema.js'
import type { Run, Session } from '../session.js'

export function addIpamFsck(ipam: Command, run: Run): void {
  ipam
    .command('fsck')
    .description('look for records that contradict each other')
    .option('--repair', 'mend what can be mended')
    .action((options: { readonly repair?: true }) =>
      run((session) => ipamFsck(session, options.repair ?? false)),
    )
}

/** Fails, after all is printed, when something is left to mend. */
export async function ipamFsck(
  { client, json, print, fail }: Session,
  repair: boolean,
): Promise<void> {
  const findings = await client.fsck({ Repair: repair })
  if (json) print(JSON.stringify(findings, null, 2))
  else if (findings.length === 0) print('all records agree')
  else print(findings.map(describe).join('\n'))
  const left = findings.filter(({ Repaired }) => !Repaired).length
  if (left > 0) fail(errors.IPAM_INCONSISTENT(left, repair))
}

function describe({
  Kind,
  Problem,
  Remedy,
  Repaired,
}: FindingResponse): string {
  const done = Repaired ? 'done' : 'to do'
  return `${Kind}: ${Problem}\n  -> ${done}: ${Remedy}`
}
