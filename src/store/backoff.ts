import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_MS = 100
const LONGEST_MS = 5000

/**
 * How long to wait before retry number `attempt` (from 0): doubling from
 * 100 ms to 5 s. Half of it is random, so that all the hosts that lost one
 * store do not come back to it in the same moment.
 */
export function backoffMs(attempt: number, random = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16))
  return full / 2 + (full / 2) * random()
}

/** Waits before retry number `attempt`; returns early when the signal aborts. */
export async function backoff(
  attempt: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await sleep(backoffMs(attempt), undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
