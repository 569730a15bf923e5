import { setTimeout as sleep } from 'node:timers/promises'
import { interrupted } from '../lab/live.js'
import { busy, indent, styled } from './screen.js'
import type { Answer, Stage } from './stage.js'
import type { Check, Command, Step } from './step.js'

const soonMs = 5000

/** What a step came to. */
export interface Outcome {
  readonly step: Step
  readonly passed: number
  readonly failed: number
}

/** Plays one step: each command as typed, its answer, and what it proves. */
export async function play(stage: Stage, step: Step): Promise<Outcome> {
  console.log(`\n${styled('bold', `Step ${step.number}. ${step.title}`)}`)
  let passed = 0
  let failed = 0
  for (const command of step.commands) {
    for (const ok of await type(stage, command)) {
      if (ok) passed++
      else failed++
    }
  }
  if (step.missing !== undefined) {
    console.log(styled('yellow', `  not here yet: ${step.missing}`))
  }
  return { step, passed, failed }
}

async function type(
  stage: Stage,
  command: Command,
): Promise<readonly boolean[]> {
  console.log(`  ${styled('cyan', `${command.on}#`)} ${command.line}`)
  const answer = await busy('', answerOf(stage, command))
  interrupted.throwIfAborted()
  if (answer.text !== '') console.log(styled('dim', indent(answer.text)))
  const succeeded = (answer.code === 0) !== (command.fails ?? false)
  if (!succeeded) report(false, `exit code ${answer.code}`)
  const results = command.checks.map((check) => {
    const ok = succeeded && matches(check, answer)
    report(ok, check.meaning)
    return ok
  })
  return succeeded ? results : [false, ...results]
}

/** What cannot even be run is an answer too: the demo goes on and says so. */
async function answerOf(stage: Stage, command: Command): Promise<Answer> {
  try {
    const deadline = Date.now() + (command.soon ? soonMs : 0)
    for (;;) {
      const answer = await stage.type(command)
      const isDone = command.checks.every((check) => matches(check, answer))
      if (isDone || Date.now() > deadline) return answer
      await sleep(100)
    }
  } catch (error) {
    return { code: 255, text: (error as Error).message }
  }
}

function matches({ shows, not }: Check, { text }: Answer): boolean {
  return (shows?.test(text) ?? true) && !(not?.test(text) ?? false)
}

function report(ok: boolean, meaning: string): void {
  const mark = ok ? styled('green', '✔') : styled('red', '✘')
  console.log(`  ${mark} ${meaning}`)
}
