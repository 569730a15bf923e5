/** Time as long-running parts see it, so that tests can move it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds since some moment; never set back or forward. */
  monotonic(): number
  /** Runs `task` once after `ms`; returns what calls it off. */
  after(ms: number, task: () => void): () => void
}

/** Its timers alone do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms).unref()
    return () => {
      clearTimeout(timer)
    }
  },
}

/** As the records have it: ISO 8601 in UTC. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}
