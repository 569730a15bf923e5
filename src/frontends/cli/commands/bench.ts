import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { errors } from '../../../base/errors.js'
import type { Grid } from '../../../load/grid.js'
import { loads, type NamedLoad } from '../../../load/loads.js'
import { absoluteTarget, collect, countUpTo } from '../arguments.js'
import {
  chosenLoads,
  defaultPort,
  loadSeconds,
  portOption,
} from '../bench/arguments.js'
import { benchGrid, benchJson, benchTables } from '../bench/report.js'
import { measureRounds, type NamedWay } from '../bench/rounds.js'
import { parseTargets } from '../bench/targets.js'
import type { Run, Session } from '../session.js'

interface Options {
  readonly port?: number
  readonly netns?: readonly string[]
  readonly loads?: readonly NamedLoad[]
  readonly rounds?: number
  readonly seconds?: number
  readonly plot?: string
}

const unusual = ['tcp-16', 'requests-loaded']
const usualLoads = loads.filter(({ name }) => !unusual.includes(name))

/** What is meant by `overtap bench` without the name of a command. */
export function addBench(group: Command, run: Run): void {
  group
    .command('client', { isDefault: true })
    .description('measure the ways to hosts that run `overtap bench server`')
    .argument('<ADDRESS...>', '[NAME=]ADDRESS each; ratios are to the first')
    .addOption(portOption())
    .option('--netns <TARGET>', '[NAME=]namespace to send from', collect)
    .option(
      '--loads <LIST>',
      `of ${loads.map(({ name }) => name).join(',')} (default: all but ${unusual.join(',')})`,
      chosenLoads,
    )
    .option('--rounds <N>', 'how often (default: 3)', countUpTo(100))
    .option('--seconds <S>', 'of each load (default: 2)', loadSeconds)
    .option('--plot <FILE>', 'also draw it, as SVG')
    .action((words: string[], options: Options) =>
      run((session) => bench(session, words, options)),
    )
}

/** Shows what was measured also when Ctrl-C ended it, or a way failed. */
export async function bench(
  session: Session,
  words: readonly string[],
  options: Options,
): Promise<void> {
  const { json, host, print, note, fail } = session
  const plan = {
    ways: await waysOf(session, words, options),
    loads: options.loads ?? usualLoads,
    rounds: options.rounds ?? 3,
    seconds: options.seconds ?? 2,
  }
  const observer = { fail, note: json ? () => undefined : note }
  const samples = await measureRounds(
    plan,
    host.loadGenerator,
    observer,
    session.interruption(),
  )
  const grid = benchGrid(plan, samples)
  if (json) print(benchJson(plan, grid))
  else if (samples.length > 0) print(benchTables(grid))
  if (options.plot === undefined || samples.length === 0) return
  await draw(grid, resolve(session.cwd, options.plot))
}

async function waysOf(
  { host, cwd }: Session,
  words: readonly string[],
  { netns = [], port = defaultPort }: Options,
): Promise<NamedWay[]> {
  const ways: NamedWay[] = []
  for (const target of parseTargets(words, netns)) {
    const way = { name: target.name, address: target.address, port }
    if (target.netns === undefined) {
      ways.push(way)
      continue
    }
    const { namespaces } = host
    const { path } = await namespaces.resolve(absoluteTarget(target.netns, cwd))
    ways.push({ ...way, netns: path })
  }
  return ways
}

async function draw(grid: Grid, file: string): Promise<void> {
  const { benchPlot } = await import('../bench/plot.js')
  try {
    await writeFile(file, benchPlot(grid))
  } catch (error) {
    throw errors.FILE_UNWRITABLE(file, (error as Error).message)
  }
}
