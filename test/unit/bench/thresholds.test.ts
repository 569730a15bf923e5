import test from 'ava'
import { contenders } from '../../../bench/contenders/all.js'
import { loads } from '../../../src/load/loads.js'
import { parseOptions } from '../../../bench/ruler/options.js'
import { placements } from '../../../bench/ruler/placement.js'
import { loadsOf } from '../../../bench/ruler/plan.js'
import { profiles } from '../../../bench/ruler/profiles.js'
import {
  describe,
  judge,
  readThresholds,
  type Rule,
} from '../../../bench/ruler/thresholds.js'
import { cell, rounds } from './samples.js'

const rule: Rule = {
  ...cell,
  contender: 'overtap-udp',
  against: 'kernel-vxlan',
  ratio: 0.5,
}
const samples = [...rounds([10]), ...rounds([5], { contender: 'overtap-udp' })]

test('a floor holds when the ratio is not below it', (t) => {
  t.deepEqual(judge([rule], samples), [{ rule, ratio: 0.5, holds: true }])
  t.false(judge([{ ...rule, ratio: 0.51 }], samples)[0]?.holds)
})

test('what was not measured does not hold', (t) => {
  const [verdict] = judge([{ ...rule, load: 'udp-64' }], samples)
  t.like(verdict, { ratio: undefined, holds: false })
  t.regex(verdict ? describe(verdict) : '', /FAIL.*udp-64.*not measured/)
})

test('thresholds.json speaks of what there is, and --check measures it', async (t) => {
  const { floors, goals } = await readThresholds()
  t.true(floors.length > 0 && goals.length > 0)
  const { plan } = parseOptions(['--check'])
  for (const one of [...floors, ...goals]) {
    t.true(contenders.some(({ name }) => name === one.contender))
    t.true(
      placements.some((p) => p.name === one.placement),
      one.placement,
    )
    t.true(
      loads.some((load) => load.name === one.load),
      one.load,
    )
    const profile = profiles.find(({ name }) => name === one.profile)
    t.truthy(profile, one.profile)
  }
  for (const { profile: name, load, contender, against } of floors) {
    const profile = plan.profiles.find((one) => one.name === name)
    if (!profile) return t.fail(name)
    t.true(
      loadsOf(plan, profile).some((one) => one.name === load),
      load,
    )
    const measured = plan.contenders.map((one) => one.name)
    t.true(measured.includes(contender) && measured.includes(against))
  }
})

test('no goal is below the floor', async (t) => {
  const { floors, goals } = await readThresholds()
  const key = ({ profile, placement, load, contender, against }: Rule) =>
    [profile, placement, load, contender, against].join()
  const least = new Map(floors.map((floor) => [key(floor), floor.ratio]))
  t.deepEqual(
    goals.filter((goal) => goal.ratio < (least.get(key(goal)) ?? 0)),
    [],
  )
})
