import { parseArgs } from 'node:util'
import { choose as chooseFrom } from '../../src/load/choose.js'
import { loads } from '../../src/load/loads.js'
import { contenders } from '../contenders/all.js'
import { placements } from './placement.js'
import type { Plan } from './plan.js'
import { profiles } from './profiles.js'

export interface Options {
  readonly plan: Plan
  /** Where the JSON file, the page and the plots go. */
  readonly out: string
  /** Hold the ratios of thresholds.json. */
  readonly check: boolean
}

/** Not under version control: what is not a full run is nobody else's business. */
const scratch = 'bench/build'
const published = 'docs'

const quick = {
  only: 'veth',
  loads: 'tcp-1,tcp-4,udp-64,requests',
  contenders: 'underlay,kernel-vxlan,overtap,ovs',
  rounds: '3',
  minutes: '5',
}
/** What thresholds.json speaks of. */
const check = {
  only: 'veth,no-offloads',
  loads: quick.loads,
  contenders: 'kernel-vxlan,overtap,ovs',
  rounds: '5',
  minutes: '15',
}
const full = { rounds: '3', minutes: '45' }

interface Wanted {
  readonly only?: string
  readonly loads?: string
  readonly contenders?: string
  readonly rounds: string
  readonly minutes: string
}

/** Of `npm run bench -- ...`. Throws an Error that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      only: { type: 'string' },
      loads: { type: 'string' },
      contenders: { type: 'string' },
      placements: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      out: { type: 'string' },
    },
  })
  const preset = values.check ? check : values.quick ? quick : full
  const wanted: Wanted = { ...preset, ...values }
  const isFull = args.length === 0
  return {
    plan: {
      profiles: choose('--only', profiles, wanted.only),
      placements: choose('--placements', placements, values.placements),
      loads: choose('--loads', loads, wanted.loads),
      contenders: choose('--contenders', contenders, wanted.contenders),
      rounds: positive('--rounds', wanted.rounds),
      seconds: positive('--seconds', values.seconds),
      minutes: positive('--minutes', wanted.minutes),
    },
    out: values.out ?? (isFull ? published : scratch),
    check: values.check,
  }
}

/** Those named, in their own order; all without names. */
function choose<T extends { readonly name: string }>(
  option: string,
  all: readonly T[],
  list: string | undefined,
): readonly T[] {
  if (list === undefined) return all
  try {
    return chooseFrom(all, list)
  } catch (error) {
    throw new Error(`${option}: ${(error as Error).message}`, { cause: error })
  }
}

function positive(option: string, text: string | undefined): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new Error(`${option}: expected a number above 0, not ${text ?? ''}`)
}
