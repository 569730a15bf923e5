import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { hostnameOf } from '../../../src/system/hostname.js'
import { run } from '../../../src/system/run.js'
import { testUnless } from '../../support/test-unless.js'

const hostname = hostnameOf(run)
const notRoot = process.getuid?.() === 0 ? undefined : 'needs root'

test('a process has a host name when it is not that of the host', async (t) => {
  t.is(await hostname(`pid:${process.pid}`), undefined)
  t.is(await hostname('bbox1'), undefined)
  t.is(await hostname('pid:4194999'), undefined)
})

testUnless(notRoot, 'it is that of the UTS namespace', async (t) => {
  const script = 'echo inner > /proc/sys/kernel/hostname; echo ready; cat'
  const child = spawn('unshare', ['--uts', 'sh', '-c', script])
  t.teardown(() => child.kill())
  await once(child.stdout, 'data')
  t.is(await hostname(`pid:${child.pid ?? 0}`), 'inner')
})
