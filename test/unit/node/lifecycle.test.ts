import test from 'ava'
import { Lifecycle } from '../../../src/node/lifecycle.js'
import type { Stage } from '../../../src/node/lifecycle.js'
import { RecordingLogger } from '../../support/recording-logger.js'

/** Stages that note what is done to them. */
function stages(
  done: string[],
  failing: { readonly start?: string; readonly stop?: readonly string[] } = {},
): Stage[] {
  return ['a', 'b', 'c'].map((name) => ({
    name,
    start: () => {
      done.push(`start ${name}`)
      if (failing.start === name) throw new Error(`${name} will not start`)
    },
    stop: async () => {
      await Promise.resolve()
      done.push(`stop ${name}`)
      if (failing.stop?.includes(name)) throw new Error(`${name} will not stop`)
    },
  }))
}

test('stages stop in the reverse of the order they start in', async (t) => {
  const done: string[] = []
  const lifecycle = new Lifecycle(stages(done), new RecordingLogger())

  await lifecycle.start()
  await lifecycle.stop()
  await lifecycle.stop()

  t.deepEqual(done, [
    ...['start a', 'start b', 'start c'],
    ...['stop c', 'stop b', 'stop a'],
  ])
})

test('when one does not start, those begun are stopped', async (t) => {
  const done: string[] = []
  const lifecycle = new Lifecycle(
    stages(done, { start: 'b' }),
    new RecordingLogger(),
  )

  await t.throwsAsync(lifecycle.start(), { message: 'b will not start' })

  t.deepEqual(done, ['start a', 'start b', 'stop b', 'stop a'])
})

test('stopping goes on past failures and reports all of them', async (t) => {
  const done: string[] = []
  const logger = new RecordingLogger()
  const lifecycle = new Lifecycle(stages(done, { stop: ['c', 'b'] }), logger)
  await lifecycle.start()

  await t.throwsAsync(lifecycle.stop(), {
    code: 'CLEANUP_INCOMPLETE',
    message:
      'stopping is done, but not cleanly: c: c will not stop; b: b will not stop',
  })

  t.is(done.at(-1), 'stop a')
  t.deepEqual(
    logger.lines
      .filter(({ level }) => level === 'error')
      .map(({ step }) => step),
    ['c', 'b'],
  )
})
