import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { hostId } from '../../../src/system/host-id.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

test('a state directory has one identity for ever', async (t) => {
  const state = join(await temporaryDirectory(t), 'overtap')

  const first = await hostId(state)

  t.regex(first, /^[0-9a-f-]{36}$/)
  t.is(await hostId(state), first)
  t.is((await stat(join(state, 'host-id'))).mode & 0o777, 0o600)
})

test('two directories have two', async (t) => {
  const state = await temporaryDirectory(t)

  t.not(await hostId(join(state, 'a')), await hostId(join(state, 'b')))
})

test('a directory that cannot be made is said', async (t) => {
  const file = join(await temporaryDirectory(t), 'file')
  await writeFile(file, '')

  await t.throwsAsync(hostId(join(file, 'state')), { code: 'FILE_UNWRITABLE' })
})
