//  `npm run bench -- micro`, tiny: every part can be measured. How fast it is is
//  not asserted.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { execa } from 'execa'
import type { Figure } from '../../bench/micro/figure.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const run = fileURLToPath(new URL('../../bench/run.js', import.meta.url))

test.serial('every part has a figure', async (t) => {
  const out = await temporaryDirectory(t)

  const { stdout } = await execa(process.execPath, [
    ...[run, 'micro', '--ms', '1', '--rounds', '1', '--out', out],
  ])

  const text = await readFile(join(out, 'micro.json'), 'utf8')
  const { figures } = JSON.parse(text) as {
    readonly figures: readonly Figure[]
  }
  const counts: Record<string, number> = {}
  for (const { group, nanoseconds } of figures) {
    counts[group] = (counts[group] ?? 0) + 1
    t.true(nanoseconds > 0)
  }
  t.deepEqual(counts, {
    ...{ records: 4, frames: 2, 'slow path': 4 },
    ...{ 'lookup, hit': 4, 'lookup, miss': 4, 'lookup, hits in a row': 4 },
    ...{ memory: 4, checksum: 3, 'checksum, scalar': 3 },
    ...{ outbound: 3, 'outbound, 64 B to one of': 2 },
    ...{ inbound: 3, 'inbound, 64 B from one of': 2 },
  })
  t.regex(stdout, /^outbound +64 KB /m)
  t.regex(stdout, /^ {2}[\d.]+ lookup, hit$/m)
})

test.serial('what makes no sense is refused', async (t) => {
  for (const args of [['--ms', '0'], ['--rounds', 'x'], ['--fast']]) {
    const { exitCode, stderr } = await execa(
      process.execPath,
      [run, 'micro', ...args],
      { reject: false },
    )
    t.is(exitCode, 1)
    t.regex(stderr, /whole number above 0|--fast/)
  }
})
