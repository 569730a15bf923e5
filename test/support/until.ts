import { setTimeout as sleep } from 'node:timers/promises'
import type { FakeClock } from './fake-clock.js'

/** Resolves once the condition holds; throws when it does not in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'the condition',
  timeoutMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    }
    await sleep(10)
  }
}

/** The same while time passes in small steps: for what is done after a pause. */
export function passUntil(
  clock: FakeClock,
  condition: () => boolean,
  stepMs = 100,
): Promise<void> {
  return until(() => {
    if (condition()) return true
    clock.advance(stepMs)
    return false
  })
}
