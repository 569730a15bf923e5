import type { ExecutionContext } from 'ava'

const limitMs = 5000

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
  }
}
