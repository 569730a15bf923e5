import { Command, Option } from 'commander'
import type { CommanderError } from 'commander'
import { version } from '../../base/version.js'
import { usageError } from '../cli/usage.js'
import { environmentName, flagName, settings } from './settings.js'

/** A value that stands above the file, and where it came from. */
export interface Override {
  readonly key: string
  readonly value: string
  /** `flag --port` or `OVERTAP_PORT`. */
  readonly origin: string
}

export interface CommandLine {
  readonly configFile?: string
  readonly checkConfig: boolean
  readonly overrides: readonly Override[]
}

export interface Output {
  write(text: string): unknown
}

/**
 * Reads flags and the environment; a flag stands above its variable. Returns
 * null when the question was --help or --version, and is answered. Throws
 * USAGE.
 */
export function parseCommandLine(
  args: readonly string[],
  stdout: Output,
): CommandLine | null {
  const command = daemonCommand(stdout)
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    const { exitCode } = error as CommanderError
    if (exitCode === 0) return null
    throw usageError(error as CommanderError, 'overtapd --help')
  }
  const { config, checkConfig } = command.opts<{
    config?: string
    checkConfig?: boolean
  }>()
  return {
    ...(config !== undefined && { configFile: config }),
    checkConfig: checkConfig ?? false,
    overrides: overridesOf(command),
  }
}

function daemonCommand(stdout: Output): Command {
  const command = new Command('overtapd')
    .description('The overtap daemon: one per host.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: () => undefined,
    })
    .addOption(
      new Option('--config <FILE>', 'settings in YAML or JSON').env(
        'OVERTAP_CONFIG',
      ),
    )
    .option('--check-config', 'print the settings that would be used, and exit')
  for (const { flag, description } of settings) {
    if (flag === undefined) continue
    command.addOption(new Option(flag, description).env(environmentName(flag)))
  }
  return command
}

function overridesOf(command: Command): Override[] {
  return command.options.flatMap((option) => {
    const name = option.attributeName()
    const setting = settings.find(
      ({ flag }) => flag !== undefined && flagName(flag) === option.long,
    )
    const fromEnvironment = command.getOptionValueSource(name) === 'env'
    const value = textOf(option, command.getOptionValue(name), fromEnvironment)
    if (!setting || value === undefined) return []
    const origin = fromEnvironment
      ? option.envVar
      : `flag ${option.long ?? name}`
    return [{ key: setting.key, value, origin: origin ?? name }]
  })
}

/** A flag without a value is true, but its variable says what it says. */
function textOf(
  { envVar }: Option,
  value: unknown,
  fromEnvironment: boolean,
): string | undefined {
  if (typeof value === 'string') return value
  if (value !== true) return undefined
  return fromEnvironment ? process.env[envVar ?? ''] : 'true'
}
