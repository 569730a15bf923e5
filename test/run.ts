/**
 * `npm test`: runs the suites one after the other, shows their output as it
 * comes, and ends with one line of what all of them came to.
 *
 *     npm test                      every suite
 *     npm test -- unit native       some of them
 *     npm test -- --checks          formatting and lint before them, as CI does
 */
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { checks, type Suite, suites } from './runner/suites.js'
import { describe, tally, type Tally, total } from './runner/tally.js'

const path = [join('node_modules', '.bin'), process.env['PATH']].join(delimiter)

function choose(): readonly Suite[] {
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
  const chosen = suites.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  )
  return values.checks ? [...checks, ...chosen] : chosen
}

async function run(suite: Suite): Promise<Tally> {
  const [file, ...args] = suite.command
  console.log(`\n== ${suite.name}: ${suite.command.join(' ')}`)
  const start = Date.now()
  const result = await execa(file, args, {
    reject: false,
    stdin: 'ignore',
    stdout: ['inherit', 'pipe'],
    stderr: ['inherit', 'pipe'],
    all: true,
    timeout: suite.timeoutMinutes * 60_000,
    env: { PATH: path },
  })
  if (result.timedOut) console.log(`${suite.name}: took too long`)
  const counts = tally(suite.reader, result.all, result.exitCode ?? 1)
  const seconds = Math.round((Date.now() - start) / 1000)
  console.log(`== ${suite.name}: ${describe(counts)} (${seconds} s)`)
  return counts
}

async function main(): Promise<void> {
  const tallies: Tally[] = []
  for (const suite of choose()) tallies.push(await run(suite))
  const sum = total(tallies)
  console.log(`\n${describe(sum)}`)
  process.exitCode = sum.failed === 0 ? 0 : 1
}

await main()
