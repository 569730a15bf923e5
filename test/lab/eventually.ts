import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'

const limitMs = 5000
/** Between attempts, so that those who are waited for have the machine. */
const pauseMs = 50

/**
 * Runs assertions again and again until all of them hold, for what becomes true
 * on another host a moment later. Fails as the last attempt did.
 */
export async function eventually(
  t: ExecutionContext,
  assertions: (attempt: ExecutionContext) => Promise<void>,
): Promise<void> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const attempt = await t.try(assertions)
    if (attempt.passed || Date.now() > deadline) {
      attempt.commit()
      return
    }
    attempt.discard()
    await sleep(pauseMs)
  }
}
