import test from 'ava'
import { errors } from '../../../src/base/errors.js'
import { failureExitCode, failureText } from '../../../src/bin/failure.js'

test('each of several problems has its reason and its remedy', (t) => {
  const failure = new AggregateError([
    errors.CONFIG_INVALID('flag --port', 'bad', 'give a good one'),
    errors.CONFIG_INVALID('flag --host', 'worse', 'give a better one'),
  ])
  t.is(
    failureText(failure),
    'overtapd: configuration: flag --port: bad\n  -> give a good one\n' +
      'overtapd: configuration: flag --host: worse\n  -> give a better one\n',
  )
  t.is(failureExitCode(failure), 2)
})

test('what the user told wrong exits with 2, what went wrong with 1', (t) => {
  t.is(failureExitCode(errors.USAGE('unknown option', 'see: --help')), 2)
  t.is(failureExitCode(errors.CONFIG_UNREADABLE('c.yaml', 'gone')), 2)
  t.is(failureExitCode(errors.STORE_UNAVAILABLE('refused')), 1)
  t.is(failureExitCode(errors.PRIVILEGES_MISSING(['CAP_NET_ADMIN'])), 1)
})

test('a bug is shown with its stack', (t) => {
  const text = failureText(new TypeError('undefined is not a function'))
  t.regex(text, /^overtapd: TypeError: undefined is not a function\n +at /)
  t.is(failureExitCode(new TypeError('x')), 1)
})
