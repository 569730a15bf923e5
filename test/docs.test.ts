/**
 * What users look up is in the documentation, and what is in the documentation
 * exists.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { Command } from 'commander'
import { z } from 'zod'
import { configSchema } from '../src/base/config.js'
import { engineFeatures } from '../src/base/features.js'
import { errorCodes } from '../src/base/errors.js'
import { routes } from '../src/frontends/api/routes.js'
import { buildProgram } from '../src/frontends/cli/program.js'
import { fakeNode } from './unit/frontends/sample.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

function read(path: string): string {
  return readFileSync(root + path, 'utf8')
}

/** First cells of the tables of a page: `| \`name\` | ...`. */
function listed(page: string): string[] {
  return [...read(page).matchAll(/^\| `([^`]+)`/gm)].flatMap(
    ([, name]) => name ?? [],
  )
}

function difference(
  page: string,
  existing: readonly string[],
): { undocumented: string[]; gone: string[] } {
  const documented = listed(page)
  return {
    undocumented: existing.filter((name) => !documented.includes(name)),
    gone: documented.filter((name) => !existing.includes(name)),
  }
}

const none = { undocumented: [], gone: [] }

/** `lease.ttl` rather than `lease`: keys as a file would have them. */
function configKeys(schema: z.ZodType, path: string): string[] {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject)) return [path]
  return Object.entries(inner.shape).flatMap(([key, value]) =>
    configKeys(value as z.ZodType, path === '' ? key : `${path}.${key}`),
  )
}

function unwrap(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional
  return wrapped ? unwrap(schema.unwrap() as z.ZodType) : schema
}

/** `--vni` and so on, of every command. */
function options(command: Command): string[] {
  return [
    ...command.options.flatMap(({ long }) => long ?? []),
    ...command.commands.flatMap(options),
  ]
}

function leaves(command: Command, path: string): string[] {
  if (command.commands.length === 0) return [path]
  return command.commands.flatMap((sub) => leaves(sub, `${path} ${sub.name()}`))
}

test('errors.md lists the errors there are', (t) => {
  t.deepEqual(difference('docs/operating/errors.md', errorCodes), none)
})

test('configuration.md lists the settings there are', (t) => {
  t.deepEqual(
    difference('docs/operating/configuration.md', configKeys(configSchema, '')),
    none,
  )
})

test('data-path.md lists the features there are', (t) => {
  t.deepEqual(difference('docs/operating/data-path.md', engineFeatures), none)
})

test('drops.md lists the reasons for drops there are', (t) => {
  const table = read('native-bindings/engine/drop_reasons.def')
  const reasons = [...table.matchAll(/^DROP_REASON\((\w+),/gm)].flatMap(
    ([, name]) => name ?? [],
  )
  const decisions = read('src/slowpath/decision.ts')
  const upcalls = read('src/node/upcalls.ts')
  const ignored = [
    ...decisions.matchAll(/^ {2}\| '([a-z-]+)'$/gm),
    ...upcalls.matchAll(/#count\('([a-z-]+)'\)/g),
  ].map(([, name]) => `slow-path-${name ?? ''}`)
  t.true(reasons.length > 0 && ignored.length > 0)
  t.deepEqual(
    difference('docs/operating/drops.md', [...reasons, ...ignored]),
    none,
  )
})

test('api.md lists the routes there are', (t) => {
  const existing = routes(fakeNode()).map(
    ({ method, url }) => `${method} ${url}`,
  )
  t.deepEqual(difference('docs/interfaces/api.md', existing), none)
})

test('links between pages lead somewhere', (t) => {
  const pages = [
    ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((page) => page.endsWith('.md'))
      .map((page) => join('docs', page)),
  ]
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, link = '']) => join(dirname(page), link))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${page} -> ${target}`),
  )
  t.deepEqual(dead, [])
})

test('cli.md has every command and every option', (t) => {
  const page = read('docs/interfaces/cli.md')
  const program = buildProgram(
    () => Promise.resolve(),
    () => undefined,
  )
  const documented = (words: string): boolean =>
    new RegExp(`${words}[ \`]`).test(page)
  t.deepEqual(
    [...leaves(program, 'overtap'), ...options(program)].filter(
      (words) => !documented(words),
    ),
    [],
  )
})
