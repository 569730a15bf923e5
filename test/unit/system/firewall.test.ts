import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { LinuxFirewall } from '../../../src/system/firewall.js'
import { run } from '../../../src/system/run.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

/** A program in place of `nft`. */
async function standIn(directory: string, script: string): Promise<string> {
  const path = join(directory, 'nft')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

test('without nft it says so, and goes on when it is there', async (t) => {
  const directory = await temporaryDirectory(t)
  const firewall = new LinuxFirewall(run, [join(directory, 'nft')])
  t.regex((await firewall.problem()) ?? '', /nftables is not installed/)
  await t.throwsAsync(firewall.load('', 'x', 'all'), {
    code: 'FIREWALL_MISSING',
  })

  await standIn(directory, 'exit 0')
  t.is(await firewall.problem(), null)
})

test('a table that is not there is null, other failures are failures', async (t) => {
  const directory = await temporaryDirectory(t)
  const nft = await standIn(
    directory,
    'echo "Error: No such file or directory" >&2; exit 1',
  )
  const firewall = new LinuxFirewall(run, [nft])
  t.is(await firewall.list('overtap', 'all'), null)
  await t.notThrowsAsync(firewall.remove('overtap'))

  await standIn(directory, 'echo "Operation not permitted" >&2; exit 1')
  await t.throwsAsync(firewall.list('overtap', 'all'), {
    code: 'COMMAND_FAILED',
  })
  await t.throwsAsync(firewall.remove('overtap'), { code: 'COMMAND_FAILED' })
})

test('what was loaded is read back in the same breath', async (t) => {
  const directory = await temporaryDirectory(t)
  const nft = await standIn(
    directory,
    'if [ "$1" = -f ]; then cat >"$0.in"; else echo "$*"; cat "$0.in"; fi',
  )
  const firewall = new LinuxFirewall(run, [nft])
  t.is(
    await firewall.load('some rules', 'overtap', 'rules'),
    '-st list table inet overtap\nsome rules',
  )
})
