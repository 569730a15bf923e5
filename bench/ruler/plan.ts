import type { Contender } from '../contenders/contender.js'
import type { NamedLoad } from '../../src/load/loads.js'
import type { Placement } from './placement.js'
import type { Profile } from './profiles.js'

/** What is to be measured. */
export interface Plan {
  readonly profiles: readonly Profile[]
  readonly placements: readonly Placement[]
  readonly loads: readonly NamedLoad[]
  readonly contenders: readonly Contender[]
  readonly rounds: number
  /** Of each load, once for each contender and round. */
  readonly seconds: number
  /** When they are over, what has been measured is all. */
  readonly minutes: number
}

/** Warm-up, connecting, reading counters, and the end of a load. */
const overheadSeconds = 0.9
/** To set up the hosts of one contender. */
const setUpSeconds = 2

export function loadsOf(plan: Plan, profile: Profile): readonly NamedLoad[] {
  return plan.loads.filter(({ name }) => profile.loads?.includes(name) ?? true)
}

/** How long it will take if nothing fails. */
export function estimatedMinutes(plan: Plan): number {
  const runs = plan.profiles.reduce(
    (sum, profile) => sum + loadsOf(plan, profile).length,
    0,
  )
  const { contenders, placements, rounds, seconds } = plan
  const each = placements.length * rounds * (seconds + overheadSeconds)
  const setUp = plan.profiles.length * setUpSeconds
  return (contenders.length * (runs * each + setUp)) / 60
}
