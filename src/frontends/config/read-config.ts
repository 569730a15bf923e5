import type { Config } from '../../base/config.js'
import { parseCommandLine } from './command-line.js'
import type { Output } from './command-line.js'
import { readConfigFile } from './file.js'
import { mergeConfig } from './merge.js'
import { renderConfig } from './render.js'

/**
 * The settings of this run: flag > environment > file > default. Null when the
 * question was --help, --version or --check-config, and is answered on
 * `stdout`. Throws USAGE, CONFIG_UNREADABLE, or an AggregateError with all that
 * is wrong. Touches nothing on the host.
 */
export function readConfig(
  args: readonly string[],
  stdout: Output,
): Config | null {
  const commandLine = parseCommandLine(args, stdout)
  if (!commandLine) return null
  const { configFile, overrides, checkConfig } = commandLine
  const file =
    configFile === undefined
      ? undefined
      : { path: configFile, content: readConfigFile(configFile) }
  const config = mergeConfig(file, overrides)
  if (!checkConfig) return config
  stdout.write(renderConfig(config))
  return null
}
