/**
 * How the records grow: a real redis-server holds those of up to 100,000
 * endpoints, and a process that is a daemon's copy of them is started.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import { RedisStore } from '../../src/store/redis-store.js'
import { RedisServer } from '../../test/support/redis-server.js'
import type { Ages, Filled } from './daemon.js'
import { quantile } from '../quantile.js'
import { endpointPut, populate } from './population.js'

const sizes = [10_000, 30_000, 100_000]
const changesPerSecond = 1000
const fewNetworks = 10
const rounds = 5
const seconds = 4
/** Not counted: Redis writes its file anew after the loading, V8 compiles. */
const warmUpSeconds = 3

interface Figures {
  readonly endpoints: number
  /** Of a daemon that is on a few networks only. */
  readonly smallFillSeconds: number
  readonly smallBytes: number
  readonly fillSeconds: number
  readonly fillCpuSeconds: number
  readonly bytesPerEndpoint: number
  readonly digestMs: number
  readonly changesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** How late the writer was to begin: what the machine, not overtap, adds. */
  readonly lateP99Ms: number
}

/** Prints a table, then the same as JSON; latencies are medians of rounds. */
export async function scale(): Promise<void> {
  const figures: Figures[] = []
  for (const endpoints of sizes) figures.push(await measure(endpoints))
  console.log(tableOf(figures))
  console.log(JSON.stringify(figures))
}

async function measure(endpoints: number): Promise<Figures> {
  const server = await RedisServer.launch()
  const store = new RedisStore({
    url: server.url,
    cluster: 'bench',
    logLength: 1000,
  })
  try {
    await store.connect()
    await populate(store, endpoints)
    const digestMs = await digestTime(store)
    return {
      endpoints,
      digestMs,
      ...(await startSmall(server.url)),
      ...(await follow(server.url, store, endpoints)),
    }
  } finally {
    await store.close()
    await server.remove()
  }
}

async function digestTime(store: RedisStore): Promise<number> {
  const times: number[] = []
  for (let made = 0; made < 21; made++) {
    const began = performance.now()
    await store.digests()
    times.push(performance.now() - began)
  }
  return quantile(times, 0.5)
}

async function startSmall(url: string) {
  const daemon = startDaemon(url, String(fewNetworks))
  try {
    const { fillMs, heapBytes } = await message<Filled>(daemon)
    return { smallFillSeconds: fillMs / 1000, smallBytes: heapBytes }
  } finally {
    daemon.kill()
  }
}

function startDaemon(...args: readonly string[]): ChildProcess {
  const program = fileURLToPath(new URL('daemon.js', import.meta.url))
  return fork(program, args, { execArgv: ['--expose-gc'] })
}

async function follow(url: string, store: RedisStore, endpoints: number) {
  const daemon = startDaemon(url)
  try {
    const { fillMs, cpuMs, heapBytes } = await message<Filled>(daemon)
    const spread = await propagation(store, daemon, endpoints)
    return {
      fillSeconds: fillMs / 1000,
      fillCpuSeconds: cpuMs / 1000,
      bytesPerEndpoint: heapBytes / endpoints,
      ...spread,
    }
  } finally {
    daemon.kill()
  }
}

async function propagation(
  store: RedisStore,
  daemon: ChildProcess,
  endpoints: number,
) {
  await change(store, endpoints, warmUpSeconds)
  await agesIn(daemon)
  const results: { ages: Ages; late: Ages; rate: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const { rate, late } = await change(store, endpoints, seconds)
    results.push({ rate, late, ages: await agesIn(daemon) })
  }
  const typical = (of: (result: (typeof results)[number]) => number) =>
    quantile(results.map(of), 0.5)
  return {
    changesPerSecond: typical(({ rate }) => rate),
    p50Ms: typical(({ ages }) => quantile(ages, 0.5)),
    p99Ms: typical(({ ages }) => quantile(ages, 0.99)),
    lateP99Ms: typical(({ late }) => quantile(late, 0.99)),
  }
}

function agesIn(daemon: ChildProcess): Promise<Ages> {
  daemon.send('tell')
  return message<Ages>(daemon)
}

async function message<T>(daemon: ChildProcess): Promise<T> {
  const stop = new AbortController()
  const gone = once(daemon, 'exit', stop).then(() => {
    throw new Error('the daemon ended')
  })
  gone.catch(() => undefined)
  const [value] = (await Promise.race([once(daemon, 'message'), gone])) as [T]
  stop.abort()
  return value
}

/**
 * Single commits at an even rate, each not waiting for the one before. Returns
 * how many a second were made, and how late its own timers were.
 */
async function change(store: RedisStore, endpoints: number, seconds: number) {
  const total = changesPerSecond * seconds
  const began = performance.now()
  const commits: Promise<unknown>[] = []
  const late: number[] = []
  for (let made = 0; made < total; made++) {
    const due = began + (made * 1000) / changesPerSecond
    if (due > performance.now()) {
      await sleep(due - performance.now())
    }
    late.push(performance.now() - due)
    const mark = String(process.hrtime.bigint())
    const put = endpointPut((made * 7919) % endpoints, mark)
    commits.push(store.commit({ puts: [put] }))
  }
  await Promise.all(commits)
  const rate = total / ((performance.now() - began) / 1000)
  await sleep(500) // for the last ones to arrive
  return { rate, late }
}

function tableOf(figures: readonly Figures[]): string {
  const table = new Table({
    head: [
      'endpoints',
      `${fewNetworks} networks s`,
      'MB',
      'full copy s',
      'its CPU s',
      'bytes each',
      'digests ms',
      'changes/s',
      'p50 ms',
      'p99 ms',
      'writer late p99',
    ],
    style: { head: [], border: [] },
  })
  for (const row of figures) {
    table.push([
      row.endpoints,
      row.smallFillSeconds.toFixed(2),
      (row.smallBytes / 1e6).toFixed(1),
      row.fillSeconds.toFixed(2),
      row.fillCpuSeconds.toFixed(2),
      row.bytesPerEndpoint.toFixed(0),
      row.digestMs.toFixed(1),
      row.changesPerSecond.toFixed(0),
      row.p50Ms.toFixed(2),
      row.p99Ms.toFixed(2),
      row.lateP99Ms.toFixed(2),
    ])
  }
  return table.toString()
}
