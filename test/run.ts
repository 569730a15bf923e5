/**
 * `npm test`: runs the suites one after the other, shows their output as it
 * comes, and ends with one line of what all of them came to.
 *
 *     npm test                      every suite
 *     npm test -- unit native       some of them
 *     npm test -- --checks          formatting and lint beside them, as CI does
 */
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { checks, type Suite, suites } from './runner/suites.js'
import { describe, tally, type Tally, total } from './runner/tally.js'

const path = [join('node_modules', '.bin'), process.env['PATH']].join(delimiter)

interface Plan {
  /** Need one processor: they run beside the suites, and are shown after them. */
  readonly beside: readonly Suite[]
  readonly suites: readonly Suite[]
}

function choose(): Plan {
  const { values, positionals } = parseArgs({
    options: { checks: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const unknown = positionals.find(
    (name) => !suites.some((suite) => suite.name === name),
  )
  if (unknown !== undefined) {
    const names = suites.map((suite) => suite.name).join(', ')
    throw new Error(`there is no suite ${unknown}; there are: ${names}`)
  }
  return {
    beside: values.checks ? checks : [],
    suites: suites.filter(
      ({ name }) => positionals.length === 0 || positionals.includes(name),
    ),
  }
}

interface Voice {
  readonly say: (text: string) => void
  /** Whether a suite's output is seen as it comes, not said at its end. */
  readonly live: boolean
}

async function run(suite: Suite, { say, live }: Voice): Promise<Tally> {
  const [file, ...args] = suite.command
  say(`\n== ${suite.name}: ${suite.command.join(' ')}`)
  const start = Date.now()
  const output = live ? (['inherit', 'pipe'] as const) : 'pipe'
  const result = await execa(file, args, {
    ...{ reject: false, stdin: 'ignore', all: true },
    ...{ stdout: output, stderr: output },
    timeout: suite.timeoutMinutes * 60_000,
    env: { PATH: path },
  })
  if (!live && result.all !== '') say(result.all)
  if (result.timedOut) say(`${suite.name}: took too long`)
  const counts = tally(suite.reader, result.all, result.exitCode ?? 1)
  const seconds = Math.round((Date.now() - start) / 1000)
  say(`== ${suite.name}: ${describe(counts)} (${seconds} s)`)
  return counts
}

async function inTurn(all: readonly Suite[], voice: Voice): Promise<Tally[]> {
  const tallies: Tally[] = []
  for (const suite of all) tallies.push(await run(suite, voice))
  return tallies
}

async function main(): Promise<void> {
  const plan = choose()
  const held: string[] = []
  const say = (text: string): unknown => held.push(text)
  const beside = inTurn(plan.beside, { say, live: false })
  const tallies = await inTurn(plan.suites, { say: console.log, live: true })
  tallies.push(...(await beside))
  if (held.length > 0) console.log(held.join('\n'))
  const sum = total(tallies)
  console.log(`\n${describe(sum)}`)
  process.exitCode = sum.failed === 0 ? 0 : 1
}

await main()
