import { SocketClient } from '../../src/frontends/api/client.js'
import { runCli } from '../../src/frontends/cli/run-cli.js'
import { LinuxLoadGenerator } from '../../src/system/load-generator.js'
import { LinuxNamespaces } from '../../src/system/netns.js'
import type { Outcome } from './namespace.js'

/**
 * `overtap ARGS` in this process: all of it but `src/bin/overtap.ts`, and without
 * the time that a process takes to start, which is most of what a command takes.
 */
export async function overtap(
  socket: string,
  args: readonly string[],
): Promise<Outcome> {
  const printed = { stdout: '', stderr: '' }
  const code = await runCli(args, {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
    env: { OVERTAP_SOCKET: socket },
    cwd: process.cwd(),
    interruption: () => new AbortController().signal,
    connect: (path) => new SocketClient(path),
    host: {
      namespaces: new LinuxNamespaces(),
      loadGenerator: new LinuxLoadGenerator(),
      // This process is on no host of the lab.
      uninstall: () => Promise.reject(new Error('run it as a program')),
    },
  })
  return { code, ...printed }
}
