import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { errors } from '../../../../src/base/errors.js'
import { parseTargets } from '../../../../src/frontends/cli/bench/targets.js'
import type { Host } from '../../../../src/frontends/cli/session.js'
import type { Load } from '../../../../src/load/load.js'
import type {
  LoadGenerator,
  ServerSettings,
  Way,
} from '../../../../src/load/load-generator.js'
import { temporaryDirectory } from '../../../support/temporary-directory.js'
import { nothingThere, overtap } from './captured.js'

const near = '192.168.56.128'
const far = '10.0.0.3'

/** Every way carries what is given for its address, in Gbit/s; asks are kept. */
class FakeGenerator implements LoadGenerator {
  readonly asked: (Way & Load & { readonly seconds: number })[] = []
  readonly served: ServerSettings[] = []

  constructor(
    readonly gigabits: (address: string, load: Load) => number = () => 10,
  ) {}

  async measure(way: Way, load: Load, seconds: number) {
    this.asked.push({ ...way, ...load, seconds })
    await Promise.resolve()
    const gigabits = this.gigabits(way.address, load)
    return {
      bitsPerSecond: gigabits * 1e9,
      backwardBitsPerSecond: 0,
      packetsPerSecond: gigabits * 1e6,
      loss: 0,
      windowBytes: 1,
      transactionsPerSecond: gigabits * 1000,
      latencyUs: { p50: 20, p99: 40, p999: 80, max: 90 },
    }
  }

  async serve(settings: ServerSettings, { ready }: { ready: () => void }) {
    this.served.push(settings)
    ready()
    await Promise.resolve()
  }
}

async function run(words: string, generator = new FakeGenerator()) {
  const host: Host = {
    ...nothingThere,
    loadGenerator: generator,
    namespaces: {
      resolve: (target) =>
        target === 'nobody'
          ? Promise.reject(errors.NAMESPACE_NOT_FOUND(target, []))
          : Promise.resolve({
              path: `/run/netns/${target}`,
              identity: '1:1',
              defaultName: target,
            }),
    },
  }
  const args = ['bench', ...words.split(' ').filter(Boolean)]
  const { asked, served } = generator
  return { ...(await overtap(args, {}, {}, host)), asked, served }
}

test('ways take turns, load for load and round for round', async (t) => {
  const { asked, code, stderr } = await run(
    `a=${near} b=${far} --loads udp-64,tcp-1 --rounds 2 --seconds 0.5 --port 99`,
  )
  t.is(code, 0)
  t.deepEqual(
    asked.map(({ address, kind }) => `${kind} ${address}`),
    [1, 2].flatMap(() => [
      ...[`tcp ${near}`, `tcp ${far}`, `udp ${near}`, `udp ${far}`],
    ]),
  )
  t.like(asked[0], { port: 99, seconds: 0.5 })
  t.is((await run(`client ${near} --loads tcp-1 --rounds 1`)).asked.length, 1)
  t.regex(stderr, /^note: round 1 of 2: TCP, 1 flow: a 10, b 10 Gbit\/s$/m)
})

test('ratios are those to the first address', async (t) => {
  const half = new FakeGenerator((address) => (address === near ? 10 : 5))
  const { stdout } = await run(
    `under=${near} ${far} --loads tcp-1,requests --rounds 1`,
    half,
  )
  t.regex(stdout, /unit +under +10\.0\.0\.3/)
  t.regex(stdout, /TCP, 1 flow +Gbit\/s +10 ±0% \(1\.00\) +5 ±0% \(0\.50\)/)
  t.regex(stdout, /TCP requests, idle otherwise +20 \/ 40 \/ 80/)
})

test('programs get every value', async (t) => {
  const half = new FakeGenerator((address) => (address === near ? 10 : 5))
  const { stdout, stderr } = await run(
    `a=${near} b=${far} --loads requests --rounds 2 --json`,
    half,
  )
  t.is(stderr, '')
  t.like(JSON.parse(stdout), {
    Rounds: 2,
    Seconds: 2,
    Results: [
      { Load: 'requests', Unit: 'transactions/s', Name: 'a', Ratio: 1 },
      {
        ...{ Name: 'b', Address: far, Median: 5000, Spread: 0, Ratio: 0.5 },
        ...{ Loss: 0, Values: [5000, 5000] },
        LatencyMicroseconds: { P50: 20, P99: 40, 'P99.9': 80 },
      },
    ],
  })
})

test('a plot has the bars of every way', async (t) => {
  const file = join(await temporaryDirectory(t), 'plot.svg')
  await run(`a=${near} b=${far} --loads tcp-1,udp-64 --plot ${file}`)
  const svg = await readFile(file, 'utf8')
  for (const part of ['a: 10 Gbit/s', 'b: 10000 kpackets/s']) {
    t.true(svg.includes(part), part)
  }
  const { code, stderr, stdout } = await run(
    `${near} --loads tcp-1 --rounds 1 --plot ${file}/x`,
  )
  t.is(code, 1)
  t.regex(stderr, /cannot write .*plot\.svg\/x/)
  t.true(stdout.includes('TCP, 1 flow'), 'what was measured is shown')
})

test('a way without a server is reported once, the others are measured', async (t) => {
  const { code, stdout, stderr, asked } = await run(
    `a=${near} b=${far} --loads tcp-1,udp-64`,
    new FakeGenerator((address) => {
      if (address === far) return 10
      throw errors.BENCH_SERVER_UNREACHABLE(address, 5201, 'connect: refused')
    }),
  )
  t.is(code, 1)
  t.is(stderr.match(/no bench server answers at 192\.168\.56\.128/g)?.length, 1)
  t.is(asked.filter(({ address }) => address === near).length, 1)
  t.regex(stdout, /TCP, 1 flow +Gbit\/s +10 ±0% \(1\.00\)/)
})

test('a load that fails on one way is left out there', async (t) => {
  const { code, stdout, asked } = await run(
    `a=${near} b=${far} --loads tcp-1,udp-gso --rounds 3`,
    new FakeGenerator((address, { kind }) => {
      if (address === near || kind !== 'gso') return 10
      throw errors.BENCH_FAILED(address, 'UDP offloads: not supported')
    }),
  )
  t.is(code, 1)
  t.is(asked.length, 3 + 3 + 3 + 1)
  t.regex(stdout, /UDP GSO.* +10 ±0% \(1\.00\) +-/)
})

test('a missing load generator ends it at once', async (t) => {
  const { code, stderr, asked } = await run(
    near,
    new FakeGenerator(() => {
      throw errors.BENCH_UNAVAILABLE('ENOENT')
    }),
  )
  t.is(code, 1)
  t.is(asked.length, 1)
  t.regex(stderr, /npm run build:native/)
})

test('a namespace is that of one way, or of all others', (t) => {
  const words = [`under=${near}`, `over=${far}`, '10.0.0.4']
  t.deepEqual(parseTargets(words, ['over=bbox1', '/x=y/netns']), [
    { name: 'under', address: near, netns: '/x=y/netns' },
    { name: 'over', address: far, netns: 'bbox1' },
    { name: '10.0.0.4', address: '10.0.0.4', netns: '/x=y/netns' },
  ])
})

test('namespaces are found as `network connect` finds them', async (t) => {
  const { asked } = await run(
    `a=${near} b=${far} --netns b=bbox1 --loads tcp-1 --rounds 1`,
  )
  t.is(asked[0]?.netns, undefined)
  t.is(asked[1]?.netns, '/run/netns/bbox1')
  const { code, stderr } = await run(`${near} --netns nobody`)
  t.is(code, 1)
  t.regex(stderr, /no network namespace nobody/)
})

test('a server tells who may measure', async (t) => {
  const { stdout, served } = await run(`server --listen ${near} --port 99`)
  t.deepEqual(served, [{ address: near, port: 99, allowed: [] }])
  t.regex(stdout, /at 192\.168\.56\.128 port 99 to everybody who reaches/)

  const told = await run('server --listen :: --allow fd00::2 --netns bbox1')
  t.deepEqual(told.served, [
    {
      ...{ address: '::', port: 5201, allowed: ['fd00::2'] },
      netns: '/run/netns/bbox1',
    },
  ])
  t.regex(told.stdout, /to fd00::2; one client at a time/)
})

test('a server is on loopback unless told otherwise, and never open', async (t) => {
  t.is((await run('server')).served[0]?.address, '127.0.0.1')
  for (const everywhere of ['0.0.0.0', '::', '0::0']) {
    const { code, stderr, served } = await run(`server --listen ${everywhere}`)
    t.is(code, 2)
    t.deepEqual(served, [])
    t.regex(stderr, /would let everybody load this host\n {2}-> .*--allow/)
  }
})

for (const [words, problem] of [
  ['', "missing required argument 'ADDRESS'"],
  ['host3', 'not an address: host3'],
  ['a=', 'not an address: a='],
  [`a=${near} a=${far}`, 'two addresses are named a'],
  [`${near} --netns b --netns c`, 'two of --netns for all'],
  [`${near} --loads tcp-2`, 'there is no tcp-2; there are: tcp-1,'],
  [`${near} --rounds 0`, 'Expected a number from 1 to 100.'],
  [`${near} --seconds 61`, 'Expected a number from 0.1 to 60.'],
  [`${near} --seconds x`, 'Expected a number from 0.1 to 60.'],
  [`${near} --port 65536`, 'Expected a number from 1 to 65535.'],
  ['server --listen eth0', 'not an address: eth0'],
  ['server --allow eth0', 'not an address: eth0'],
  [`server ${near}`, "too many arguments for 'server'"],
] as const) {
  test(`refused: bench ${words}`, async (t) => {
    const { code, stderr, asked, served } = await run(words)
    t.is(code, 2)
    t.true(stderr.includes(problem), stderr)
    t.deepEqual([...asked, ...served], [])
  })
}
