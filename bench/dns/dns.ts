/**
 * `npm run bench -- dns`: how many questions a second are answered, and how
 * fast, beside dnsmasq, in turns.
 */
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { table } from '../../src/frontends/cli/table.js'
import { round } from '../../src/load/tables.js'
import { Lab } from '../../test/lab/lab.js'
import { quantile } from '../quantile.js'
import { describeMachine } from '../ruler/machine.js'
import type { ClientResult } from './client.js'
import {
  foreignName,
  ownName,
  startDnsmasq,
  startOvertap,
  startUpstream,
} from './site.js'
import type { Server } from './site.js'

const script = fileURLToPath(new URL('client.js', import.meta.url))
const rounds = 3
const seconds = 2

interface Load {
  readonly title: string
  readonly clients: number
  /** Of each client, a second; a container is given 2000. */
  readonly rate: number
}

const loads: readonly Load[] = [
  { title: 'one asks 1000 times a second', clients: 1, rate: 1000 },
  { title: 'four ask, 1900 times each at most', clients: 4, rate: 1900 },
]
const questions = [
  { title: 'name of a container', name: ownName },
  { title: 'name outside, cached', name: foreignName },
]

interface Figure {
  readonly load: string
  readonly question: string
  readonly server: string
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly lost: number
}

/** Prints a table, then the same as JSON. */
export async function dns(): Promise<void> {
  const { exitCode } = await execa('which', ['dnsmasq'], { reject: false })
  if (exitCode !== 0) {
    throw new Error('dnsmasq is missing: apt-get install dnsmasq-base')
  }
  const lab = await Lab.create()
  try {
    await startUpstream(lab)
    const most = Math.max(...loads.map(({ clients }) => clients))
    const servers = [
      await startOvertap(lab, most),
      await startDnsmasq(lab, most),
    ]
    const figures = await measure(servers)
    console.log(
      table(
        ['', '', '', '/s', 'p50 µs', 'p99 µs', 'lost'],
        figures.map((one) => [
          ...[one.load, one.question, one.server, round(one.perSecond)],
          ...[round(one.p50), round(one.p99), one.lost],
        ]),
      ),
    )
    const machine = await describeMachine([], 'npm run bench -- dns')
    console.log(JSON.stringify({ machine, figures }))
  } finally {
    await lab.destroy()
  }
}

/** All servers in turns, so that what else the machine does meets them alike. */
async function measure(servers: readonly Server[]): Promise<Figure[]> {
  const cases = loads.flatMap((load) =>
    questions.flatMap((question) =>
      servers.map((server) => ({ load, question, server, all: [] as Run[] })),
    ),
  )
  for (let turn = 0; turn < rounds; turn++) {
    for (const one of cases) {
      one.all.push(await run(one.server, one.question.name, one.load))
    }
  }
  return cases.map(({ load, question, server, all }) => {
    const median = (key: 'perSecond' | 'p50' | 'p99') =>
      quantile(
        all.map((one) => one[key]),
        0.5,
      )
    return {
      load: load.title,
      question: question.title,
      server: server.title,
      perSecond: median('perSecond'),
      p50: median('p50'),
      p99: median('p99'),
      lost: all.reduce((sum, one) => sum + one.lost, 0),
    }
  })
}

type Run = Pick<Figure, 'perSecond' | 'p50' | 'p99' | 'lost'>

async function run(
  { address, clients }: Server,
  name: string,
  { clients: count, rate }: Load,
): Promise<Run> {
  const results = await Promise.all(
    clients.slice(0, count).map(async (client) => {
      const output = await client.run(
        ...([process.execPath, script, address, name] as const),
        ...[String(rate), String(seconds)],
      )
      return JSON.parse(output) as ClientResult
    }),
  )
  const times = results.flatMap((one) => one.times)
  return {
    perSecond: results.reduce(
      (sum, one) => sum + one.times.length / one.seconds,
      0,
    ),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    lost: results.reduce((sum, one) => sum + one.lost, 0),
  }
}
