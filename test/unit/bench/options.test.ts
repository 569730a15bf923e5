import test from 'ava'
import { parseOptions } from '../../../bench/ruler/options.js'
import { estimatedMinutes } from '../../../bench/ruler/plan.js'

test('a full run is published, and fits into its time', (t) => {
  const { plan, out, check } = parseOptions([])
  t.is(out, 'docs')
  t.false(check)
  t.is(plan.minutes, 45)
  t.true(estimatedMinutes(plan) < plan.minutes, `${estimatedMinutes(plan)}`)
})

test('a quick run fits into five minutes, and is not published', (t) => {
  const { plan, out } = parseOptions(['--quick'])
  t.true(estimatedMinutes(plan) < 5, `${estimatedMinutes(plan)}`)
  t.not(out, 'docs')
})

test('filters choose, in the order of what there is', (t) => {
  const { plan, out } = parseOptions([
    ...['--only', 'mtu-9000,veth', '--contenders', 'overtap-udp,kernel-vxlan'],
    ...['--loads', 'udp-64', '--rounds', '2', '--seconds', '0.5'],
  ])
  const names = (list: readonly { name: string }[]) => list.map((l) => l.name)
  t.deepEqual(names(plan.profiles), ['veth', 'mtu-9000'])
  t.deepEqual(names(plan.contenders), ['kernel-vxlan', 'overtap-udp'])
  t.deepEqual(names(plan.loads), ['udp-64'])
  t.like(plan, { rounds: 2, seconds: 0.5 })
  t.not(out, 'docs')
})

test('an explicit choice goes before a preset', (t) => {
  const { plan } = parseOptions(['--quick', '--rounds', '1'])
  t.is(plan.rounds, 1)
})

test('what there is not is refused, naming what there is', (t) => {
  t.throws(() => parseOptions(['--only', 'wifi']), {
    message: /--only: there is no wifi; there are: veth, /,
  })
  t.throws(() => parseOptions(['--rounds', 'many']), { message: /--rounds/ })
  t.throws(() => parseOptions(['--fast']), { message: /--fast/ })
})
