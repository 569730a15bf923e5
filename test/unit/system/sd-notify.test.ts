import test from 'ava'
import type { Command } from '../../../src/system/run.js'
import { notifySystemd } from '../../../src/system/sd-notify.js'

test('nobody is told when systemd did not ask', async (t) => {
  await notifySystemd(() => Promise.reject(new Error('called')), 'ready', {})
  t.pass()
})

test('systemd is told with the pid of the daemon, not of the messenger', async (t) => {
  const commands: Command[] = []
  const run = (command: Command) => {
    commands.push(command)
    return Promise.resolve('')
  }
  const env = { NOTIFY_SOCKET: '/run/systemd/notify' }

  await notifySystemd(run, 'ready', env)
  await notifySystemd(run, 'stopping', env)

  const pid = `--pid=${process.pid}`
  t.deepEqual(
    commands.map(({ argv }) => argv),
    [
      ['systemd-notify', pid, 'READY=1'],
      ['systemd-notify', pid, 'STOPPING=1'],
    ],
  )
})
