import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { LinuxSysctls } from '../../../src/system/sysctls.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

test('switches are read, written and listed by name', async (t) => {
  const directory = await temporaryDirectory(t)
  const conf = join(directory, 'net/ipv6/conf/eth0.5')
  await mkdir(conf, { recursive: true })
  await writeFile(join(conf, 'accept_ra'), '1\n')
  const sysctls = new LinuxSysctls(directory)

  t.deepEqual(await sysctls.list('net.ipv6.conf'), ['eth0.5'])
  t.is(await sysctls.get('net/ipv6/conf/eth0.5/accept_ra'), '1')
  await sysctls.set('net/ipv6/conf/eth0.5/accept_ra', '2')
  t.is(await readFile(join(conf, 'accept_ra'), 'utf8'), '2\n')
})

test('one that is not there is null, and cannot be written', async (t) => {
  const sysctls = new LinuxSysctls(await temporaryDirectory(t))
  t.is(await sysctls.get('net.ipv4.ip_forward'), null)
  t.deepEqual(await sysctls.list('net.ipv6.conf'), [])
  await t.throwsAsync(sysctls.set('net.ipv4.ip_forward', '1'), {
    code: 'FILE_UNWRITABLE',
  })
})
