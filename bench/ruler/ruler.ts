import { execa } from 'execa'
import type { Contender } from '../contenders/contender.js'
import { describeMachine } from './machine.js'
import { parseOptions } from './options.js'
import { estimatedMinutes, type Plan } from './plan.js'
import { publish } from './publish.js'
import type { Results } from './results.js'
import { runPlan } from './run-plan.js'
import { terminalTables } from './tables.js'
import { describe, judge, readThresholds } from './thresholds.js'

/** `npm run bench -- [OPTIONS]`: overtap beside what else there is. */
export async function ruler(args: readonly string[]): Promise<void> {
  const options = parseOptions(args)
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])]
  const results = await measureAll(options.plan, command.join(' '))
  console.log(terminalTables(results))
  results.skipped.forEach((reason) => {
    console.log(`SKIPPED ${reason}`)
  })
  console.log(`written: ${(await publish(results, options.out)).join(', ')}`)
  if (options.check) await check(results)
}

async function measureAll(wanted: Plan, command: string): Promise<Results> {
  const { present, skipped } = await findPresent(wanted.contenders)
  const plan = { ...wanted, contenders: present }
  const machine = await describeMachine(present, command)
  console.log(
    `about ${Math.ceil(estimatedMinutes(plan))} min, at most ${plan.minutes}; load before: ${machine.loadBefore.toFixed(2)}`,
  )
  const outcome = await runPlan(plan, console.log)
  return {
    machine,
    settings: { rounds: plan.rounds, seconds: plan.seconds },
    skipped: [...skipped, ...outcome.skipped],
    samples: outcome.samples,
  }
}

/** Without those whose programs this machine lacks. */
async function findPresent(contenders: readonly Contender[]): Promise<{
  readonly present: readonly Contender[]
  readonly skipped: readonly string[]
}> {
  const skipped = new Map<Contender, string>()
  for (const contender of contenders) {
    for (const program of contender.programs) {
      const { exitCode } = await execa('which', [program], { reject: false })
      if (exitCode === 0) continue
      const remedy = contender.package ?? program
      const text = `${contender.name}: ${program} is missing: apt-get install ${remedy}`
      skipped.set(contender, text)
      console.log(`SKIPPED ${text}`)
    }
  }
  const present = contenders.filter((contender) => !skipped.has(contender))
  return { present, skipped: [...skipped.values()] }
}

async function check({ samples }: Results): Promise<void> {
  const { floors, goals } = await readThresholds()
  console.log('floors:')
  const verdicts = judge(floors, samples)
  for (const verdict of verdicts) console.log(`  ${describe(verdict)}`)
  console.log('goals, which fail nothing yet:')
  for (const verdict of judge(goals, samples)) {
    console.log(`  ${describe(verdict)}`)
  }
  if (verdicts.some(({ holds }) => !holds)) process.exitCode = 1
}
