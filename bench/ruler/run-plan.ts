import { cpus } from 'node:os'
import { Lab } from '../../test/lab/lab.js'
import { interrupted } from '../../test/lab/live.js'
import type { NamedLoad } from '../../src/load/loads.js'
import { measure } from './measure.js'
import type { Placement } from './placement.js'
import { loadsOf, type Plan } from './plan.js'
import type { Profile } from './profiles.js'
import type { Sample } from './results.js'
import { placeAll, type Ready, setUp } from './site.js'

export interface Outcome {
  readonly samples: readonly Sample[]
  readonly skipped: readonly string[]
}

/**
 * Measures all of a plan: in each profile all contenders stand ready at once
 * and take turns, so that what else the machine does meets all alike.
 */
export async function runPlan(
  plan: Plan,
  say: (line: string) => void,
): Promise<Outcome> {
  const run = new PlanRun(plan, say)
  for (const profile of plan.profiles) await run.profile(profile)
  return run
}

class PlanRun implements Outcome {
  readonly samples: Sample[] = []
  readonly skipped: string[] = []
  readonly #deadline: number

  constructor(
    readonly plan: Plan,
    readonly say: (line: string) => void,
  ) {
    this.#deadline = Date.now() + plan.minutes * 60_000
  }

  async profile(profile: Profile): Promise<void> {
    this.say(`== ${profile.title}`)
    const lab = await Lab.create(profile.lab)
    try {
      const ready = await this.#setUp(lab, profile)
      for (const placement of this.plan.placements) {
        await placeAll(ready, placement, cpus().length)
        await this.#placement(profile, placement, ready)
      }
    } finally {
      await lab.destroy()
    }
  }

  async #setUp(lab: Lab, profile: Profile): Promise<Ready[]> {
    const ready: Ready[] = []
    for (const [index, contender] of this.plan.contenders.entries()) {
      try {
        ready.push(await setUp(lab, profile, contender, index))
      } catch (error) {
        this.#skip(`${profile.name}: ${contender.name}: ${text(error)}`)
      }
    }
    this.say(
      `ready: ${ready.map(({ contender }) => contender.name).join(', ')}`,
    )
    return ready
  }

  async #placement(
    profile: Profile,
    placement: Placement,
    ready: readonly Ready[],
  ): Promise<void> {
    const { rounds } = this.plan
    for (let round = 1; round <= rounds; round++) {
      const where = `${profile.name}, ${placement.name}, round ${round}`
      if (Date.now() > this.#deadline) {
        this.#skip(`${where} and what follows: out of time`)
        return
      }
      for (const load of loadsOf(this.plan, profile)) {
        const values: string[] = []
        for (const one of ready) {
          const cell = { profile: profile.name, placement: placement.name }
          const value = await this.#sample(
            { ...cell, round },
            placement,
            load,
            one,
          )
          values.push(`${one.contender.name} ${value}`)
        }
        this.say(`${where}: ${load.title}: ${values.join(', ')} ${load.unit}`)
      }
    }
  }

  async #sample(
    cell: Pick<Sample, 'profile' | 'placement' | 'round'>,
    placement: Placement,
    load: NamedLoad,
    { contender, pair }: Ready,
  ): Promise<string> {
    interrupted.throwIfAborted()
    const names = { load: load.name, contender: contender.name }
    try {
      const figures = await measure(pair, load, placement, this.plan.seconds)
      this.samples.push({ ...cell, ...names, ...figures })
      return figures.value.toPrecision(3)
    } catch (error) {
      this.#skip(
        `${cell.profile}, ${cell.placement}, ${load.name}: ${contender.name}: ${text(error)}`,
      )
      return '-'
    }
  }

  #skip(reason: string): void {
    interrupted.throwIfAborted()
    this.skipped.push(reason)
    this.say(`SKIPPED ${reason}`)
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
