import { type Grid, gridOf } from '../../src/load/grid.js'
import { contenders, reference } from '../contenders/all.js'
import { placements } from './placement.js'
import { profiles } from './profiles.js'
import type { Place, Results, Sample } from './results.js'

/** One profile in one placement. */
export interface NamedGrid extends Grid<Sample> {
  readonly name: string
}

/** Those that were measured, in the order of the lists of what there is. */
export function gridsOf({ samples }: Results): NamedGrid[] {
  return profiles.flatMap((profile) =>
    placements.flatMap((placement) => {
      const place = { profile: profile.name, placement: placement.name }
      const own = samplesAt(samples, place)
      if (own.length === 0) return []
      const title = `${profile.title}, ${placement.title}`
      const grid = gridOf(title, own, contenders, reference)
      return [{ name: `${profile.name}-${placement.name}`, ...grid }]
    }),
  )
}

export function samplesAt(
  samples: readonly Sample[],
  { profile, placement }: Place,
): readonly Sample[] {
  return samples.filter(
    (sample) => sample.profile === profile && sample.placement === placement,
  )
}
