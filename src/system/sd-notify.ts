import type { Run } from './run.js'

const messages = { ready: 'READY=1', stopping: 'STOPPING=1' } as const

/**
 * Tells systemd that the daemon is ready or stopping (sd_notify(3)); nothing
 * when it was not started by systemd. Node has no Unix datagram sockets, so a
 * `systemd-notify` child sends it: the unit needs `NotifyAccess=all`.
 */
export async function notifySystemd(
  run: Run,
  state: keyof typeof messages,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (env['NOTIFY_SOCKET'] === undefined) return
  await run({
    argv: ['systemd-notify', `--pid=${process.pid}`, messages[state]],
  })
}
