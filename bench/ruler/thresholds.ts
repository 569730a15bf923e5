import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ratio } from '../../src/load/statistics.js'
import { samplesAt } from './grid.js'
import type { Sample } from './results.js'

const ruleSchema = z.object({
  profile: z.string(),
  placement: z.string(),
  load: z.string(),
  contender: z.string(),
  /** What the contender is compared with. */
  against: z.string(),
  /** Of medians in one run. */
  ratio: z.number().positive(),
})
export type Rule = z.infer<typeof ruleSchema>

const thresholdsSchema = z.object({
  /** What every change must keep. */
  floors: z.array(ruleSchema),
  /** What is wanted, and shown, and fails nothing. */
  goals: z.array(ruleSchema),
})
export type Thresholds = z.infer<typeof thresholdsSchema>

/** From dist/bench/ruler, where this runs, to the source. */
const file = new URL('../../../bench/thresholds.json', import.meta.url)

export async function readThresholds(): Promise<Thresholds> {
  return thresholdsSchema.parse(JSON.parse(await readFile(file, 'utf8')))
}

export interface Verdict {
  readonly rule: Rule
  /** Undefined when it was not measured. */
  readonly ratio: number | undefined
  readonly holds: boolean
}

export function judge(
  rules: readonly Rule[],
  samples: readonly Sample[],
): Verdict[] {
  return rules.map((rule) => {
    const { load, contender, against } = rule
    const own = samplesAt(samples, rule)
    const measured = ratio(own, load, contender, against)
    const holds = measured !== undefined && measured >= rule.ratio
    return { rule, ratio: measured, holds }
  })
}

/** One line each. */
export function describe({ rule, ratio: measured, holds }: Verdict): string {
  const { profile, placement, load, contender, against } = rule
  const figure = measured === undefined ? 'not measured' : measured.toFixed(2)
  const mark = holds ? 'ok  ' : 'FAIL'
  return `${mark} ${profile}, ${placement}, ${load}: ${contender} against ${against}: ${figure}, wanted ${rule.ratio}`
}
