/**
 * The layers of docs/architecture.md, checked on every import of src/: they
 * point down only, logic knows the ports by their types alone, and a library
 * or the addon is used in the one place that is made for it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Top to bottom; a folder imports from its own layer or those below. */
const layers = [
  ['bin'],
  ['frontends'],
  ['node'],
  ['fdb', 'slowpath', 'ipam', 'dns'],
  ['store', 'engine', 'system', 'journal'],
  ['codec', 'load'],
  ['base', 'net'],
] as const

const logic: readonly string[] = layers[3]
const ports: readonly string[] = layers[4]
const maxLines = 400
/** Half of all files are at most this long. */
const medianLines = 100

interface Import {
  readonly from: string
  /** A file below src/ without extension, or a package's name. */
  readonly to: string
  readonly typeOnly: boolean
  /** `import()`: loaded when it is needed. */
  readonly later: boolean
}

const sources = files('src', '.ts')
const imports = sources.flatMap(importsOf)

test('there is something to check', (t) => {
  t.true(imports.length > sources.length)
  t.true(imports.some(({ typeOnly }) => typeOnly))
  t.true(imports.some(({ to, typeOnly }) => isLocal(to) && !typeOnly))
})

test('every folder of src belongs to a layer', (t) => {
  const known: readonly string[] = layers.flat()
  t.deepEqual(
    sources.filter((file) => !known.includes(folderOf(file))),
    [],
  )
})

test('imports point down', (t) => {
  const upward = imports.filter(
    ({ from, to }) => isLocal(to) && layerOf(to) < layerOf(from),
  )
  t.deepEqual(upward.map(show), [])
})

test('logic knows the ports by their types only', (t) => {
  const values = imports.filter(
    ({ from, to, typeOnly }) =>
      logic.includes(folderOf(from)) &&
      isLocal(to) &&
      ports.includes(folderOf(to)) &&
      !typeOnly,
  )
  t.deepEqual(values.map(show), [])
})

test('the command line reaches the daemon through the API client only', (t) => {
  const client = 'src/frontends/api/client'
  const around = imports.filter(
    ({ from, to, typeOnly }) =>
      from.startsWith('src/frontends/cli/') &&
      isLocal(to) &&
      !typeOnly &&
      to !== client &&
      layerOf(to) < layerOf('src/codec/x') &&
      !to.startsWith('src/frontends/cli/'),
  )
  t.deepEqual(around.map(show), [])
})

test('a command starts without the libraries that few commands need', (t) => {
  t.deepEqual(packagesFrom('src/bin/overtap'), [
    ...['cli-table3', 'commander', 'ipaddr.js'],
  ])
})

test('a dependency is used where it is wrapped, nowhere else', (t) => {
  const homes: Readonly<Record<string, string>> = {
    ioredis: 'src/store/',
    fastify: 'src/frontends/',
    commander: 'src/frontends/',
    'cli-table3': 'src/frontends/cli/',
    'd3-scale': 'src/load/',
    'lru-cache': 'src/dns/forward/',
  }
  const strays = imports.filter(({ from, to }) => {
    const home = homes[to]
    return home !== undefined && !from.startsWith(home)
  })
  t.deepEqual(strays.map(show), [])
})

test('the addon is loaded in one file', (t) => {
  const loaders = sources.filter((file) =>
    /\.node['"`]|createRequire|process\.dlopen/.test(read(file)),
  )
  t.deepEqual(
    loaders.filter((file) => file !== 'src/engine/native.ts'),
    [],
  )
})

test('only the binding knows Node', (t) => {
  const native = [
    ...files('native-bindings', '.h'),
    ...files('native-bindings', '.cc'),
  ]
  const users = native.filter((file) =>
    /#include [<"](?:node_)?(?:napi|api|uv|v8)\.h[>"]/.test(read(file)),
  )
  t.deepEqual(
    users.filter((file) => !file.startsWith('native-bindings/binding/')),
    [],
  )
})

test('native code below the engine does not look up', (t) => {
  const order = ['binding', 'engine', 'io', 'wire']
  const upward = [
    ...files('native-bindings', '.h'),
    ...files('native-bindings', '.cc'),
  ].flatMap((file) => {
    const own = order.indexOf(file.split('/')[1] ?? '')
    return [...read(file).matchAll(/#include "(\w+)\//g)]
      .filter((match) => {
        const other = order.indexOf(match[1] ?? '')
        return other !== -1 && other < own
      })
      .map((match) => `${file} -> ${match[1] ?? ''}`)
  })
  t.deepEqual(upward, [])
})

test('files are small', (t) => {
  const sizes = sources
    .map((file) => ({ file, lines: read(file).split('\n').length }))
    .sort((a, b) => a.lines - b.lines)
  t.deepEqual(
    sizes.filter(({ lines }) => lines > maxLines),
    [],
  )
  t.true((sizes[sizes.length >> 1]?.lines ?? 0) <= medianLines)
})

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(
    file,
    read(file),
    ts.ScriptTarget.Latest,
    true,
  )
  const found: Import[] = []
  const add = (
    specifier: ts.Node | undefined,
    { typeOnly = false, later = false },
  ) => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      const to = resolve(file, specifier.text)
      found.push({ from: file, to, typeOnly, later })
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, {
        typeOnly:
          node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      })
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, { typeOnly: node.isTypeOnly })
    } else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword
    ) {
      add(node.arguments[0], { later: true })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Those that are loaded when a program starts, sorted. */
function packagesFrom(program: string): string[] {
  const loaded = new Set([program])
  // A set goes on to what is added to it meanwhile.
  for (const one of loaded) {
    imports
      .filter(({ from, typeOnly, later }) => {
        return from === `${one}.ts` && !typeOnly && !later
      })
      .forEach(({ to }) => loaded.add(to))
  }
  return [...loaded]
    .filter((one) => !isLocal(one) && !one.startsWith('node:'))
    .sort()
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith('.')
    ? normalize(join(dirname(from), specifier)).replace(/\.js$/, '')
    : specifier
}

function files(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('/build/'))
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function isLocal(path: string): boolean {
  return path.startsWith('src/')
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** 0 is the top. */
function layerOf(path: string): number {
  return layers.findIndex((layer) =>
    (layer as readonly string[]).includes(folderOf(path)),
  )
}

function show({ from, to }: Import): string {
  return `${from} -> ${to}`
}
