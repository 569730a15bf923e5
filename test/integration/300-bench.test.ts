//  `npm run bench`, small: the ruler measures overtap beside the kernel's own
//  overlay. How fast they are is not asserted here: bench/thresholds.json is for
//  `npm run bench -- --check`.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import test from 'ava'
import { execa } from 'execa'
import type { Results } from '../../bench/ruler/results.js'
import { Program } from '../lab/program.js'
import { namespaces, namespacesOf } from '../lab/registry.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const run = fileURLToPath(new URL('../../bench/run.js', import.meta.url))
const loads = ['tcp-1', 'tcp-4-both', 'udp-64', 'udp-gso', 'requests']
const contenders = ['kernel-vxlan', 'overtap']

test.serial('every load gets through both, in both placements', async (t) => {
  const out = await temporaryDirectory(t)

  await execa(process.execPath, [
    ...[run, '--only', 'veth', '--rounds', '1', '--seconds', '0.2'],
    ...['--contenders', contenders.join(), '--loads', loads.join()],
    ...['--out', out],
  ])

  const text = await readFile(join(out, 'benchmarks/results.json'), 'utf8')
  const { samples, skipped } = JSON.parse(text) as Results
  t.deepEqual(skipped, [])
  for (const placement of ['pinned', 'free']) {
    for (const load of loads) {
      for (const contender of contenders) {
        const found = samples.filter(
          (one) =>
            one.placement === placement &&
            one.load === load &&
            one.contender === contender,
        )
        t.is(found.length, 1, `${placement} ${load} ${contender}`)
        t.true((found[0]?.value ?? 0) > 0, `${placement} ${load} ${contender}`)
      }
    }
  }
  t.true(
    samples.some((one) => one.load === 'requests' && one.latencyUs.p50 > 0),
  )
  const page = await readFile(join(out, 'benchmarks.md'), 'utf8')
  t.regex(page, /\| kernel vxlan +\| overtap +\|/)
})

test.serial('Ctrl-C ends all that it started', async (t) => {
  const bench = new Program(process.execPath, [
    ...[run, '--only', 'veth', '--contenders', 'kernel-vxlan'],
    ...['--loads', 'tcp-1', '--seconds', '30', '--out', '/nowhere'],
  ])
  t.teardown(() => bench.stop())
  await bench.line(/^ready:/)
  const made = namespacesOf(bench.pid)

  t.is((await bench.stop('SIGINT')).code, 130)
  t.true(made.length > 0)
  t.deepEqual(
    namespaces().filter((name) => made.includes(name)),
    [],
  )
})
