import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { LinuxResolvConf } from '../../../src/system/resolv-conf.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

test('processes of the namespace are pointed at the gateways', async (t) => {
  const directory = await temporaryDirectory(t)
  const resolvConf = new LinuxResolvConf(directory)

  await resolvConf.write('bbox1', ['10.0.0.1', '10.0.1.1'])

  const text = await readFile(join(directory, 'bbox1/resolv.conf'), 'utf8')
  t.regex(text, /^# written by overtap/)
  t.deepEqual(text.split('\n').slice(1), [
    'nameserver 10.0.0.1',
    'nameserver 10.0.1.1',
    'options ndots:0',
    '',
  ])
})

test('a change keeps the file, so that what has it mounted sees it', async (t) => {
  const directory = await temporaryDirectory(t)
  const resolvConf = new LinuxResolvConf(directory)
  await resolvConf.write('bbox1', ['10.0.0.1'])
  const file = join(directory, 'bbox1/resolv.conf')
  const { ino } = await stat(file)

  await resolvConf.write('bbox1', ['10.0.1.1'])

  t.is((await stat(file)).ino, ino)
  t.notRegex(await readFile(file, 'utf8'), /10\.0\.0\.1/)
})

test('without servers nothing is left behind', async (t) => {
  const directory = await temporaryDirectory(t)
  const resolvConf = new LinuxResolvConf(directory)
  await resolvConf.write('bbox1', ['10.0.0.1'])

  t.is(await resolvConf.write('bbox1', []), 'done')
  t.is(await resolvConf.write('never-there', []), 'done')

  t.false(existsSync(join(directory, 'bbox1')))
})

test("somebody else's files stay as they are", async (t) => {
  const directory = await temporaryDirectory(t)
  const resolvConf = new LinuxResolvConf(directory)
  await mkdir(join(directory, 'bbox1'))
  const file = join(directory, 'bbox1/resolv.conf')
  await writeFile(file, 'nameserver 192.0.2.53\n')

  t.is(await resolvConf.write('bbox1', ['10.0.0.1']), 'foreign')
  t.is(await resolvConf.write('bbox1', []), 'foreign')

  t.is(await readFile(file, 'utf8'), 'nameserver 192.0.2.53\n')
})

test('other files beside ours stay', async (t) => {
  const directory = await temporaryDirectory(t)
  const resolvConf = new LinuxResolvConf(directory)
  await resolvConf.write('bbox1', ['10.0.0.1'])
  await writeFile(join(directory, 'bbox1/hosts'), '')

  await resolvConf.write('bbox1', [])

  t.true(existsSync(join(directory, 'bbox1/hosts')))
})

test('what cannot be written is said', async (t) => {
  const directory = await temporaryDirectory(t)
  await writeFile(join(directory, 'bbox1'), 'a file where a folder should be')

  await t.throwsAsync(
    new LinuxResolvConf(directory).write('bbox1', ['10.0.0.1']),
    { code: 'FILE_UNWRITABLE', message: /^cannot write .*resolv\.conf: / },
  )
})
