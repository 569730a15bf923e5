import { isMainThread } from 'node:worker_threads'

/** The labs of this process, ended with it however it ends. */
export interface Endable {
  destroy(): Promise<void>
  destroyNow(): void
}

const interruption = new AbortController()
/** Aborted when a signal ends the process: what fails from then on says nothing. */
export const interrupted = interruption.signal

const live = new Set<Endable>()
const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const
let listening = false

export function endOnSignals(lab: Endable): void {
  live.add(lab)
  if (listening) return
  listening = true
  process.on('exit', endNow)
  // Signals are the main thread's; a test runner's worker ends with its process.
  if (!isMainThread) return
  for (const [signal, number] of Object.entries(signals)) {
    // Not `once`: a signal whose last listener is gone ends the process for
    // other libraries' exit hooks, before anything here has been ended.
    process.on(signal, () => {
      if (interrupted.aborted) process.exit(128 + number)
      interruption.abort()
      void end().finally(() => process.exit(128 + number))
    })
  }
}

export function forget(lab: Endable): void {
  live.delete(lab)
}

async function end(): Promise<void> {
  await Promise.allSettled([...live].map((lab) => lab.destroy()))
}

function endNow(): void {
  for (const lab of live) lab.destroyNow()
}
