import { configSchema } from '../../base/config.js'
import type { Config } from '../../base/config.js'
import type { Override } from './command-line.js'
import { explain } from './explain.js'
import { isSection } from './file.js'
import type { Section } from './file.js'

export interface ConfigFile {
  readonly path: string
  readonly content: Section
}

/**
 * Flags and environment above the file above the defaults. Throws an
 * AggregateError with one CONFIG_INVALID for each problem.
 */
export function mergeConfig(
  file: ConfigFile | undefined,
  overrides: readonly Override[],
): Config {
  const merged = structuredClone(file?.content ?? {})
  for (const { key, value } of overrides) put(merged, key.split('.'), value)
  const result = configSchema.safeParse(merged)
  if (result.success) return result.data
  throw new AggregateError(
    result.error.issues.flatMap((issue) =>
      explain(issue, { input: merged, overrides, file: file?.path }),
    ),
    'the configuration is invalid',
  )
}

/** A section that the file has wrong stays wrong, to be complained about. */
function put(
  section: Section,
  [head = '', ...rest]: readonly string[],
  value: string,
): void {
  if (rest.length === 0) {
    section[head] = value
    return
  }
  section[head] ??= {}
  const inner = section[head]
  if (isSection(inner)) put(inner, rest, value)
}
