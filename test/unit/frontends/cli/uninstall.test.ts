import test from 'ava'
import { errors } from '../../../../src/base/errors.js'
import { nothingThere, overtap } from './captured.js'

const host = {
  ...nothingThere,
  uninstall: () => Promise.resolve(['bridge overtap_gwbr', 'interface otgw2']),
}
const stopped = {
  version: () => Promise.reject(errors.DAEMON_NOT_RUNNING('/run/x.sock')),
}

test('uninstall says what it removed', async (t) => {
  const { code, stdout } = await overtap(['uninstall'], stopped, {}, host)
  t.is(code, 0)
  t.is(stdout, 'removed bridge overtap_gwbr\nremoved interface otgw2\n')
})

test('uninstall says that there was nothing', async (t) => {
  const nothing = { ...host, uninstall: () => Promise.resolve([]) }
  const { stdout } = await overtap(['uninstall'], stopped, {}, nothing)
  t.is(stdout, 'nothing to remove\n')
})

test('uninstall is refused while the daemon runs, unless forced', async (t) => {
  const refused = await overtap(['uninstall'], {}, {}, host)
  t.is(refused.code, 1)
  t.regex(refused.stderr, /overtapd is running/)

  const forced = await overtap(['uninstall', '--force'], {}, {}, host)
  t.regex(forced.stdout, /removed bridge/)
})
