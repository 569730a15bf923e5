//  `overtap bench` between two machines, one of which has two addresses:
//
//   host2 (.130) --- switch --- host3 (.128, .129)
//
//  How fast they are is not asserted.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import anyTest, { type ExecutionContext, type TestFn } from 'ava'
import { execa } from 'execa'
import { eventually } from '../lab/eventually.js'
import { Lab } from '../lab/lab.js'
import type { Host } from '../lab/namespace.js'
import { Program } from '../lab/program.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

interface Context {
  readonly lab: Lab
  readonly host2: Host
  readonly host3: Host
}
const test = anyTest as TestFn<Context>

const overtap = fileURLToPath(
  new URL('../../src/bin/overtap.js', import.meta.url),
)
const first = '192.168.56.128'
const second = '192.168.56.129'

test.beforeEach(async (t) => {
  const lab = await Lab.create()
  const host2 = await lab.addHost('host2', '192.168.56.130')
  const host3 = await lab.addHost('host3', first)
  await host3.ip(`address add ${second}/24 dev ${host3.interface}`)
  t.context = { lab, host2, host3 }
})

test.afterEach.always(async (t) => {
  await t.context.lab.destroy()
})

/** A server on host3, as it is started there, or here with --netns. */
async function serve(
  t: ExecutionContext<Context>,
  ...args: readonly string[]
): Promise<Program> {
  const { host3 } = t.context
  const command = [overtap, 'bench', 'server', '--netns', host3.name]
  const server = new Program(process.execPath, [...command, ...args])
  t.teardown(() => server.stop('SIGKILL'))
  await server.line(/^serving load at /)
  return server
}

/** `overtap bench ARGS` on host2, to its end. */
async function bench({ host2 }: Context, ...args: readonly string[]) {
  const namespace = ['--netns', host2.name]
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [overtap, 'bench', ...args, ...namespace],
    { reject: false, timeout: 60_000 },
  )
  return { code: exitCode, stdout, stderr }
}

interface Answer {
  readonly Results: readonly {
    readonly Load: string
    readonly Name: string
    readonly Median: number
    readonly Ratio: number
  }[]
}

test.serial('every load is measured on both ways, in one run', async (t) => {
  await serve(t, '--listen', '0.0.0.0', '--allow', t.context.host2.address)
  const plot = join(await temporaryDirectory(t), 'plot.svg')

  const { code, stdout, stderr } = await bench(
    t.context,
    ...[`one=${first}`, `two=${second}`, '--json', '--plot', plot],
    ...['--seconds', '0.2', '--rounds', '1'],
  )

  t.is(code, 0, stderr)
  const { Results } = JSON.parse(stdout) as Answer
  t.deepEqual(
    Results.filter(({ Name }) => Name === 'two').map(({ Load }) => Load),
    [
      ...['tcp-1', 'tcp-4', 'tcp-4-both', 'udp-64', 'udp-1400', 'udp-gso'],
      ...['requests', 'connections'],
    ],
  )
  t.is(Results.length, 16)
  for (const { Load, Name, Median, Ratio } of Results) {
    t.true(Median > 0 && Ratio > 0, `${Load} ${Name}`)
  }
  t.regex(await readFile(plot, 'utf8'), /<title>two: [\d.]+ Gbit\/s<\/title>/)
})

test.serial(
  'a server that is not there, one that is elsewhere, and one that refuses',
  async (t) => {
    const quick = [
      '--seconds',
      '0.2',
      '--rounds',
      '1',
      '--loads',
      'tcp-1,udp-64',
    ]
    const nobody = await bench(t.context, first, ...quick)
    t.is(nobody.code, 1)
    t.regex(
      nobody.stderr,
      /no bench server answers at 192\.168\.56\.128 port 5201/,
    )
    t.regex(nobody.stderr, /-> start one there: overtap bench server --listen/)

    const server = await serve(t, '--listen', first, '--allow', second)
    const refused = await bench(t.context, first, ...quick)
    t.is(refused.code, 1)
    t.is(refused.stderr.match(/does not allow this address/g)?.length, 1)
    t.regex(refused.stderr, /--allow ADDRESS/)
    t.is(refused.stdout, '')

    const again = await execa(
      process.execPath,
      [overtap, 'bench', 'server', '--listen', '203.0.113.1'],
      { reject: false },
    )
    t.is(again.exitCode, 1)
    t.regex(again.stderr, /cannot serve load at 203\.0\.113\.1 port 5201: bind/)

    t.deepEqual(await server.stop('SIGINT'), { code: 0, signal: null })
  },
)

test.serial(
  'a client or server that is killed leaves no process, and the next is served',
  async (t) => {
    const { host2, host3 } = t.context
    const server = await serve(t, '--listen', first)
    const long = [first, '--loads', 'tcp-4-both', '--seconds', '60']
    const client = new Program(process.execPath, [
      ...[overtap, 'bench', ...long, '--netns', host2.name],
    ])
    t.teardown(() => client.stop('SIGKILL'))
    await eventually(t, async (attempt) => {
      const sockets = await host3.run('ss', '-Htn', 'state', 'established')
      attempt.true(sockets.split('\n').length >= 5, sockets)
    })

    await client.stop('SIGKILL')

    await eventually(t, async (attempt) => {
      attempt.deepEqual(await host2.processes(), [])
    })
    await server.line(/a run ended early: the client went away/)
    const next = await bench(
      t.context,
      ...[first, '--loads', 'udp-64', '--seconds', '0.2', '--rounds', '1'],
    )
    t.is(next.code, 0, next.stderr)
    t.regex(next.stdout, /UDP, 64 bytes/)

    await server.stop('SIGKILL')
    await eventually(t, async (attempt) => {
      attempt.deepEqual(await host3.processes(), [])
    })
  },
)

test.serial('Ctrl-C shows what was measured', async (t) => {
  await serve(t, '--listen', first)
  const client = t.context.host2.start(process.execPath, [
    ...[overtap, 'bench', first, '--loads', 'tcp-1', '--seconds', '0.2'],
    ...['--rounds', '100'],
  ])
  await client.line(/^note: round 1 of 100/)
  t.is((await client.stop('SIGINT')).code, 0)
  t.regex(client.output, /TCP, 1 flow +Gbit\/s/)
})
