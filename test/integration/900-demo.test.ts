//  `npm run demo`, and what is left of it when somebody presses Ctrl-C: nothing.
//
//   host1 (store)   host2 (overtapd)   host3 (overtapd)   - the demo's own lab

import { fileURLToPath } from 'node:url'
import test from 'ava'
import { dockerMissing } from '../lab/docker.js'
import { Program } from '../lab/program.js'
import { namespaces } from '../lab/registry.js'

const demo = fileURLToPath(new URL('../demo/demo.js', import.meta.url))

const missing = dockerMissing()
const serial = missing === undefined ? test.serial : test.serial.skip

test.serial('every step passes', async (t) => {
  const program = new Program(process.execPath, [demo])

  const exit = await program.exited

  t.is(exit.code, 0, program.output)
  t.regex(program.output, /13 .* passed/)
  t.regex(program.output, /One TCP flow: overtap .* kernel vxlan/)
  t.deepEqual(leftovers(), [])
})

serial('every step passes with Docker', async (t) => {
  const program = new Program(process.execPath, [demo, 'docker'])

  const exit = await program.exited

  t.is(exit.code, 0, program.output)
  t.regex(program.output, /13 .* passed/)
  t.deepEqual(leftovers(), [])
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(`${signal} in the middle leaves nothing`, async (t) => {
    const program = new Program(process.execPath, [demo])
    await program.line(/^Step 4/, 60_000)
    const daemons = namespaces().filter((name) => /^host[123]$/.test(name))
    t.is(daemons.length, 3)

    const exit = await program.stop(signal, 30_000)

    t.is(exit.code, signal === 'SIGINT' ? 130 : 143, program.output)
    t.deepEqual(leftovers(), [])
  })
}

/** Namespaces of the demo; with one gone, its processes are too. */
function leftovers(): readonly string[] {
  return namespaces().filter((name) => /^(?:host\d|bbox\d|switch)$/.test(name))
}
