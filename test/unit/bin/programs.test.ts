import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { execa } from 'execa'
import { version } from '../../../src/base/version.js'
import { serve } from '../frontends/api/served.js'

const bin = fileURLToPath(new URL('../../../src/bin/', import.meta.url))

interface Outcome {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program as a user would, without variables of its own in the way. */
async function run(
  program: 'overtap' | 'overtapd',
  args: readonly string[],
  wrapper: readonly string[] = [],
): Promise<Outcome> {
  const [file = '', ...rest] = [
    ...wrapper,
    process.execPath,
    join(bin, `${program}.js`),
    ...args,
  ]
  const { exitCode, stdout, stderr } = await execa(file, rest, {
    reject: false,
    extendEnv: false,
    env: { PATH: process.env['PATH'] },
    timeout: 30_000,
  })
  return { code: exitCode, stdout, stderr }
}

async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'overtap-bin-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

test('overtap exits with 0 when it is done', async (t) => {
  const { socket } = await serve(t)
  const { code, stdout } = await run('overtap', [
    'host',
    'ls',
    '--socket',
    socket,
  ])
  t.is(code, 0)
  t.regex(stdout, /^NAME +ADDRESS/)
})

test('overtap exits with 1 when the daemon refuses', async (t) => {
  const { socket } = await serve(t, {
    hosts: { list: () => Promise.reject(new Error('a bug')) },
  })
  const args = ['--socket', socket, '--json', 'host', 'ls']
  const { code, stdout, stderr } = await run('overtap', args)
  t.is(code, 1)
  t.is(stdout, '')
  t.like(JSON.parse(stderr), { code: 'INTERNAL' })
})

test('overtap exits with 2 when its command line makes no sense', async (t) => {
  const { code, stderr } = await run('overtap', ['network', 'remove'])
  t.is(code, 2)
  t.is(
    stderr,
    "overtap: missing required argument 'NAME'\n  -> see: overtap network rm --help",
  )
})

test('overtap exits with 3 when there is no daemon', async (t) => {
  const socket = join(await temporaryDirectory(t), 'overtap.sock')
  const { code, stderr } = await run('overtap', ['status', '--socket', socket])
  t.is(code, 3)
  t.is(
    stderr,
    `overtap: overtapd is not running at ${socket}\n  -> start it (overtapd), or say where its socket is: --socket PATH or OVERTAP_SOCKET`,
  )
})

test('overtapd --check-config prints the settings and touches nothing', async (t) => {
  const directory = await temporaryDirectory(t)
  const { code, stdout, stderr } = await run('overtapd', [
    '--check-config',
    '--store',
    'redis://:s3cret@192.0.2.1',
    '--state',
    join(directory, 'state'),
    '--socket',
    join(directory, 'run', 'overtap.sock'),
  ])
  t.is(code, 0)
  t.is(stderr, '')
  t.regex(stdout, /^store: redis:\/\/:\*\*\*@192\.0\.2\.1$/m)
  t.regex(stdout, /^port: 4789$/m)
  await t.throwsAsync(access(join(directory, 'state')), { code: 'ENOENT' })
  await t.throwsAsync(access(join(directory, 'run')), { code: 'ENOENT' })
})

test('overtapd --check-config exits with 2 and names every problem', async (t) => {
  const file = join(await temporaryDirectory(t), 'overtapd.yaml')
  await writeFile(file, 'prot: 4789\nfirstVni: 0\n')
  const args = ['--check-config', '--config', file, '--port', '0']
  const { code, stdout, stderr } = await run('overtapd', args)
  t.is(code, 2)
  t.is(stdout, '')
  t.deepEqual(
    stderr.split('\n').sort(),
    [
      'overtapd: configuration: flag --port: "0" is not a port number from 1 to 65535',
      '  -> for example: --port 4789',
      `overtapd: configuration: ${file}: firstVni: 0 is not a VNI from 1 to 16777215`,
      '  -> for example: firstVni: 256',
      `overtapd: configuration: ${file}: prot: there is no such setting`,
      '  -> did you mean port?',
    ].sort(),
  )
})

test('overtapd refuses an unknown flag with 2', async (t) => {
  const { code, stderr } = await run('overtapd', ['--chek-config'])
  t.is(code, 2)
  t.is(
    stderr,
    "overtapd: unknown option '--chek-config'\n  -> did you mean --check-config? See: overtapd --help",
  )
})

test('overtapd says which capability it lacks, and touches nothing', async (t) => {
  const directory = await temporaryDirectory(t)
  const isRoot = process.getuid?.() === 0
  const wrapper = isRoot
    ? ['setpriv', '--inh-caps=-net_admin', '--bounding-set=-net_admin']
    : []
  const state = join(directory, 'state')
  const { code, stdout, stderr } = await run(
    'overtapd',
    ['--state', state, '--socket', join(directory, 'overtap.sock')],
    wrapper,
  )
  t.is(code, 1)
  t.is(stdout, '')
  t.regex(
    stderr,
    /^overtapd: overtapd may not change this host's network: it lacks CAP_NET_ADMIN.*\n {2}-> run overtapd as root/,
  )
  await t.throwsAsync(access(state), { code: 'ENOENT' })
})

for (const args of [['--version'], ['--help']]) {
  test(`overtapd ${args.join()} is answered on stdout`, async (t) => {
    const { code, stdout, stderr } = await run('overtapd', args)
    t.is(code, 0)
    t.is(stderr, '')
    t.true(stdout.includes(args[0] === '--version' ? version : 'Usage:'))
  })
}
