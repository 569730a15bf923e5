#!/usr/bin/env node
import { SocketClient } from '../frontends/api/client.js'
import { runCli } from '../frontends/cli/run-cli.js'
import type { LoadGenerator } from '../load/load-generator.js'
import { LinuxNamespaces } from '../system/netns.js'

/** Its libraries take long to load, and most commands make no load. */
const loadGenerator: LoadGenerator = {
  measure: async (...args) => (await linuxLoadGenerator()).measure(...args),
  serve: async (...args) => (await linuxLoadGenerator()).serve(...args),
}

async function linuxLoadGenerator(): Promise<LoadGenerator> {
  const { LinuxLoadGenerator } = await import('../system/load-generator.js')
  return new LinuxLoadGenerator()
}

const interrupted = new AbortController()

// A reader that has seen enough (`overtap ... | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  interrupted.abort()
})

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  interruption: () => {
    process.once('SIGINT', () => {
      interrupted.abort()
    })
    return interrupted.signal
  },
  connect: (socket) => new SocketClient(socket),
  host: {
    namespaces: new LinuxNamespaces(),
    loadGenerator,
    uninstall: async () => {
      const { uninstallFromHost } = await import('./uninstall.js')
      return uninstallFromHost()
    },
  },
})
