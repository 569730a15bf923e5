import { configSchema } from '../../base/config.js'
import type { Config } from '../../base/config.js'
import { isOvertapError } from '../../base/errors.js'
import type { OvertapError } from '../../base/errors.js'
import { parseRedisUrl } from '../../store/redis-url.js'
import type { Override } from './command-line.js'
import { explain, explainStore } from './explain.js'
import type { Context } from './explain.js'
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
  const context = { input: merged, overrides, file: file?.path }
  const result = configSchema.safeParse(merged)
  const problems = [
    ...(result.error?.issues ?? []).flatMap((issue) => explain(issue, context)),
    ...storeProblems(merged['store'], context),
  ]
  if (result.success && problems.length === 0) return result.data
  throw new AggregateError(problems, 'the configuration is invalid')
}

/** What is in a store URL is the store's to judge. */
function storeProblems(url: unknown, context: Context): OvertapError[] {
  if (typeof url !== 'string') return []
  try {
    parseRedisUrl(url)
    return []
  } catch (error) {
    if (!isOvertapError(error, 'CONFIG_INVALID')) throw error
    return [explainStore(error, context)]
  }
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
