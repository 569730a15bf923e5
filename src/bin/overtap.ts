#!/usr/bin/env node
import { SocketClient } from '../frontends/api/client.js'
import { runCli } from '../frontends/cli/run-cli.js'

// A reader that has seen enough (`overtap ... | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  connect: (socket) => new SocketClient(socket),
})
