import type { Counters } from './counters.js'
import type { Placement } from './placement.js'
import type { Cost } from './results.js'

/** The difference of two readings. */
export function costBetween(
  before: Counters,
  after: Counters,
  placement: Placement,
  window: { readonly bytes: number; readonly seconds: number },
): Cost {
  const busy = after.busy.map((now, cpu) => now - (before.busy[cpu] ?? 0))
  const { near, far } = placement
  const daemon = (key: 'cpuSeconds' | 'wakeUps'): readonly [number, number] => [
    after.near[key] - before.near[key],
    after.far[key] - before.far[key],
  ]
  return {
    gigabytes: window.bytes / 1e9,
    seconds: window.seconds,
    cpuSeconds:
      near !== null && far !== null
        ? [busy[near] ?? 0, busy[far] ?? 0]
        : [busy.reduce((sum, one) => sum + one, 0)],
    contextSwitches: after.contextSwitches - before.contextSwitches,
    daemonCpuSeconds: daemon('cpuSeconds'),
    daemonWakeUps: daemon('wakeUps'),
    rssBytes: after.near.rssBytes,
    packets: after.packets - before.packets,
  }
}
