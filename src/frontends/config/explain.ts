import type { z } from 'zod'
import { errors } from '../../base/errors.js'
import type { OvertapError } from '../../base/errors.js'
import type { Override } from './command-line.js'
import type { Section } from './file.js'
import { settings } from './settings.js'
import type { Setting } from './settings.js'
import { suggest } from './suggest.js'

export interface Context {
  /** What was validated. */
  readonly input: Section
  readonly overrides: readonly Override[]
  readonly file: string | undefined
}

type Issue = z.core.$ZodIssue

/** Says of one issue where it came from, what is wrong and what would be right. */
export function explain(issue: Issue, context: Context): OvertapError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      unknownSetting([...issue.path, key].join('.'), context),
    )
  }
  const key = issue.path.join('.')
  const setting = settingOf(key)
  if (!setting) {
    return [errors.CONFIG_INVALID(originOf(key, context), issue.message)]
  }
  const value = valueAt(context.input, issue.path)
  return [
    errors.CONFIG_INVALID(
      originOf(key, context),
      value === undefined
        ? `missing; it should be ${setting.expects}`
        : `${JSON.stringify(value)} is not ${setting.expects}`,
      `for example: ${exampleOf(setting, key, context)}`,
    ),
  ]
}

/** Adds to the store's own complaint about its URL where the URL stands. */
export function explainStore(
  { details }: OvertapError,
  context: Context,
): OvertapError {
  const { problem } = details as { problem: string }
  return errors.CONFIG_INVALID(
    originOf('store', context),
    problem,
    'for example: redis://:password@192.168.56.129:6379',
  )
}

function unknownSetting(key: string, context: Context): OvertapError {
  const known = settings.map((setting) => setting.key)
  const match = suggest(key, known)
  return errors.CONFIG_INVALID(
    originOf(key, context),
    'there is no such setting',
    match === undefined
      ? `there are: ${known.join(', ')}`
      : `did you mean ${match}?`,
  )
}

/** `pools.0.base` is explained as `pools.base`, `pools.0` as `pools`. */
function settingOf(key: string): Setting | undefined {
  const place = key.replaceAll(/\.\d+/g, '')
  return settings.find((setting) => setting.key === place)
}

function originOf(key: string, { overrides, file }: Context): string {
  const override = overrides.find((candidate) => candidate.key === key)
  if (override) return override.origin
  return file === undefined ? key : `${file}: ${key}`
}

/** In the notation of where the wrong value stands. */
function exampleOf(
  { key: settingKey, example }: Setting,
  key: string,
  { overrides }: Context,
): string {
  const override = overrides.find((candidate) => candidate.key === key)
  if (!override) return `${settingKey}: ${example}`
  const { origin } = override
  return origin.startsWith('flag ')
    ? `${origin.slice('flag '.length)} ${example}`
    : `${origin}=${example}`
}

function valueAt(input: Section, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Section | undefined)?.[String(key)],
    input,
  )
}
