import type { Config } from '../../base/config.js'
import type { LeaseState } from '../../store/store.js'

/**
 * How a host is: `up`, it renews its lease; `suspect`, it is late; `dead`, so
 * late that its containers are withdrawn; `freed`, its addresses are, too.
 */
export type HostPhase = 'up' | 'suspect' | 'dead' | 'freed'

type Times = Pick<Config['lease'], 'dead' | 'hold'>

/** What a lease says by the store's clock. Without one a host is dead. */
export function phaseOf(
  lease: Pick<LeaseState, 'remainingMs'> | undefined,
  { dead, hold }: Times,
): HostPhase {
  if (lease === undefined) return 'dead'
  const late = -lease.remainingMs
  if (late < 0) return 'up'
  if (late < dead) return 'suspect'
  return late < dead + hold ? 'dead' : 'freed'
}
