#!/usr/bin/env node
import type { Config } from '../base/config.js'
import { createLogger } from '../base/log.js'
import { readConfig } from '../frontends/config/read-config.js'
import { failureExitCode, failureText } from './failure.js'
import { requirePrivileges } from './privileges.js'

try {
  const config = readConfig(process.argv.slice(2), process.stdout)
  if (config) await serve(config)
  process.exit(0)
} catch (error) {
  process.stderr.write(failureText(error))
  process.exit(failureExitCode(error))
}

async function serve(config: Config): Promise<void> {
  requirePrivileges()
  // A mistake in the configuration is told before all that is loaded.
  const { composeDaemon } = await import('./compose.js')
  const stopRequested = firstSignal()
  const daemon = await composeDaemon(
    config,
    createLogger(config.log),
    (line) => {
      process.stdout.write(`${line}\n`)
    },
  )
  await daemon.start()
  await stopRequested
  await daemon.stop()
}

/** Resolves with SIGTERM or SIGINT; a second one ends the process at once. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let received = 0
    const onSignal = (_: NodeJS.Signals, number: number): void => {
      received++
      if (received > 1) process.exit(128 + number)
      resolve()
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
}
