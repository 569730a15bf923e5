#!/usr/bin/env node
import { SocketClient } from '../frontends/api/client.js'
import { runCli } from '../frontends/cli/run-cli.js'
import { LinuxLoadGenerator } from '../system/load-generator.js'
import { LinuxNamespaces } from '../system/netns.js'

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
    loadGenerator: new LinuxLoadGenerator(),
  },
})
