/**
 * What a failover costs: the master of a replicated Redis is killed under three
 * Sentinels, while commits are made and the copies of several daemons follow.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import Table from 'cli-table3'
import { pino } from 'pino'
import { keys } from '../../src/store/records.js'
import { RedisStore } from '../../src/store/redis-store.js'
import { Replica } from '../../src/store/replica.js'
import {
  launchWatched,
  leaveBehind,
  type Watched,
} from '../../test/support/sentinels.js'
import { until } from '../../test/support/until.js'
import { quantile } from '../quantile.js'
import { Churn } from './churn.js'

const rounds = 5
const daemons = 5
const commitsPerSecond = 200
const sentinels = { count: 3, downAfterMs: 1000 }
const settleMs = 1000
const warmUpMs = 2000
/** How long the replica has had nothing when the master dies; 0: in step. */
const lags = [0, 300]
/** Of a round, if no master is found. */
const limitMs = 30_000

interface Round {
  readonly outageMs: number
  readonly refused: number
  readonly acknowledged: number
  readonly lost: number
  /** Daemons that were told of a loss. */
  readonly noticed: number
  /** From the death of the master until every copy is as the store. */
  readonly equalMs: number
}

type Cleanup = (task: () => Promise<unknown>) => void

/** Prints a table, then the same as JSON. */
export async function failover(): Promise<void> {
  console.log(
    `${rounds} rounds each, ${daemons} copies, ${commitsPerSecond} commits/s, ` +
      `${sentinels.count} Sentinels, down after ${sentinels.downAfterMs} ms, settling for ${settleMs} ms`,
  )
  const figures: { lagMs: number; results: Round[] }[] = []
  for (const lagMs of lags) {
    const results: Round[] = []
    for (let made = 0; made < rounds; made++) results.push(await round(lagMs))
    figures.push({ lagMs, results })
  }
  console.log(tableOf(figures))
  console.log(JSON.stringify(figures))
}

async function round(lagMs: number): Promise<Round> {
  const tasks: (() => Promise<unknown>)[] = []
  try {
    return await measure(lagMs, (task) => tasks.push(task))
  } finally {
    for (const task of tasks.reverse()) await task()
  }
}

async function measure(lagMs: number, cleanup: Cleanup): Promise<Round> {
  const watched = await launchWatched(sentinels, cleanup)
  const store = await connect(watched.url, cleanup)
  let noticed = 0
  const copies: Replica[] = []
  for (let made = 0; made < daemons; made++) {
    const copy = await follow(watched.url, cleanup)
    copy.onLoss(() => noticed++)
    copies.push(copy)
  }
  const churn = new Churn(store)
  const running = churn.run(commitsPerSecond, warmUpMs + limitMs)
  const [killedAt] = await Promise.all([kill(watched, lagMs, churn), running])
  await until(() => allEqual(store, copies), 'equal copies', limitMs)
  const equalMs = performance.now() - killedAt
  const { acknowledged, refused, outageMs } = churn
  const kept = await versionsOf(store)
  const lost = acknowledged.filter((key) => !kept.has(key)).length
  return {
    ...{ outageMs, refused, acknowledged: acknowledged.length },
    ...{ lost, noticed, equalMs },
  }
}

async function kill(
  watched: Watched,
  lagMs: number,
  churn: Churn,
): Promise<number> {
  const { master, replica } = watched
  await sleep(warmUpMs)
  if (lagMs > 0) {
    await leaveBehind(watched)
    await sleep(lagMs)
  }
  await master.stop('SIGKILL')
  churn.killed()
  replica.thaw()
  return performance.now()
}

async function connect(url: string, cleanup: Cleanup): Promise<RedisStore> {
  const store = new RedisStore({ url, cluster: 'bench' })
  cleanup(() => store.close())
  await store.connect()
  return store
}

async function follow(url: string, cleanup: Cleanup): Promise<Replica> {
  const store = await connect(url, cleanup)
  const logger = pino({ level: 'fatal' })
  const copy = new Replica(store, { logger, settleMs })
  cleanup(() => copy.stop())
  await copy.start()
  return copy
}

async function allEqual(
  store: RedisStore,
  copies: readonly Replica[],
): Promise<boolean> {
  const versions = await versionsOf(store)
  return copies.every(
    ({ hosts }) =>
      hosts.size === versions.size &&
      [...hosts].every(
        ([name, { version }]) => versions.get(keys.host(name)) === version,
      ),
  )
}

async function versionsOf(
  store: RedisStore,
): Promise<ReadonlyMap<string, number>> {
  const { entries } = await store.snapshot()
  return new Map(entries.map(({ key, version }) => [key, version]))
}

function tableOf(
  figures: readonly { lagMs: number; results: readonly Round[] }[],
): string {
  const table = new Table({
    head: [
      ...['replica behind ms', 'figure', 'writes again s', 'refused'],
      ...['acknowledged', 'lost', 'noticed by', 'copies equal s'],
    ],
    style: { head: [], border: [] },
  })
  for (const { lagMs, results } of figures) {
    for (const [figure, part] of [
      ['median', 0.5],
      ['worst', 1],
    ] as const) {
      const of = (name: keyof Round) =>
        quantile(
          results.map((result) => result[name]),
          part,
        )
      table.push([
        ...[lagMs, figure, (of('outageMs') / 1000).toFixed(2), of('refused')],
        ...[of('acknowledged'), of('lost'), of('noticed')],
        (of('equalMs') / 1000).toFixed(2),
      ])
    }
  }
  return table.toString()
}
