import { systemClock } from './clock.js'
import type { Clock } from './clock.js'

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
export function backoff(
  attempt: number,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(backoffMs(attempt), end)
    signal.addEventListener('abort', end)
  })
}
