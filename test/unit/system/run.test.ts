import test from 'ava'
import { run } from '../../../src/system/run.js'

test('resolves to what was printed; input reaches the program', async (t) => {
  t.is(await run({ argv: ['cat'], input: 'one\ntwo' }), 'one\ntwo')
})

test('no shell reads the arguments', async (t) => {
  t.is(await run({ argv: ['printf', '%s', '$HOME; *'] }), '$HOME; *')
})

test('a failure quotes the command and its stderr', async (t) => {
  await t.throwsAsync(run({ argv: ['ls', '/no/such/thing'] }), {
    code: 'COMMAND_FAILED',
    message: /^ls \/no\/such\/thing: ls: .*\/no\/such\/thing/,
  })
})

test('a missing program is a failure like others', async (t) => {
  await t.throwsAsync(run({ argv: ['no-such-program'], anyExit: true }), {
    code: 'COMMAND_FAILED',
    message: /^no-such-program: .*ENOENT/s,
  })
})

test('with anyExit, a partial answer is an answer', async (t) => {
  const argv = ['sh', '-c', 'echo half; exit 3'] as const

  t.is(await run({ argv: [...argv], anyExit: true }), 'half')
  await t.throwsAsync(run({ argv: [...argv] }), { code: 'COMMAND_FAILED' })
})
