import test from 'ava'
import { LinuxRoutes } from '../../../src/system/routes.js'
import type { Command, Run } from '../../../src/system/run.js'

/** Answers of iproute2 6.1 by a word of the command. */
function answering(answers: Readonly<Record<string, string>>) {
  const commands: Command[] = []
  const run: Run = (command) => {
    commands.push(command)
    const word = Object.keys(answers).find((key) => command.argv.includes(key))
    return Promise.resolve(answers[word ?? ''] ?? '[]')
  }
  return { routes: new LinuxRoutes(run), commands }
}

const devices = JSON.stringify([
  {
    ifname: 'lo',
    mtu: 65536,
    addr_info: [{ local: '127.0.0.1', scope: 'host' }],
  },
  {
    ifname: 'eth0',
    mtu: 1500,
    addr_info: [
      { local: 'fd56::2', scope: 'global' },
      { local: '192.168.56.2', scope: 'global' },
      { local: 'fe80::1', scope: 'link' },
    ],
  },
])

test('routes to many addresses cost one question', async (t) => {
  const { routes, commands } = answering({
    '-batch':
      '[{"dst":"192.168.56.3","dev":"eth0","prefsrc":"192.168.56.2","flags":[]}]\n' +
      '[{"type":"blackhole","dst":"10.7.0.1","flags":[]}]\n' +
      '[{"dst":"10.8.0.1","gateway":"192.168.56.9","dev":"eth0","metrics":[{"mtu":1400}]}]\n',
    address: devices,
  })

  const found = await routes.to([
    '192.168.56.3',
    '10.7.0.1',
    '10.8.0.1',
    '1.1.1.1',
  ])

  t.deepEqual(found, [
    { to: '192.168.56.3', device: 'eth0', source: '192.168.56.2', mtu: 1500 },
    { to: '10.8.0.1', device: 'eth0', source: undefined, mtu: 1400 },
  ])
  t.is(commands.filter(({ argv }) => argv.includes('-batch')).length, 1)
  t.true(commands[0]?.anyExit)
})

test('nothing is asked about no addresses', async (t) => {
  const { routes, commands } = answering({})

  t.deepEqual(await routes.to([]), [])
  t.deepEqual(commands, [])
})

test('prefixes are those that lead somewhere', async (t) => {
  const { routes } = answering({
    '-4': JSON.stringify([
      { dst: 'default', gateway: '192.168.56.1', dev: 'eth0' },
      { dst: '192.168.56.0/24', dev: 'eth0' },
      { dst: '10.8.1.9', gateway: '192.168.56.9', dev: 'eth0' },
      { type: 'blackhole', dst: '10.7.0.0/24' },
    ]),
    '-6': JSON.stringify([
      { dst: 'fd56::/64', dev: 'eth0' },
      { dst: 'fe80::/64', dev: 'eth0' },
      { dst: 'fe80::/64', dev: 'eth1' },
    ]),
  })

  t.deepEqual(await routes.prefixes(), [
    '192.168.56.0/24',
    '10.8.1.9/32',
    'fd56::/64',
  ])
  t.is(await routes.defaultDevice(), 'eth0')
})

test('an empty table is no error', async (t) => {
  const { routes } = answering({ '-4': '', '-6': '\n' })

  t.deepEqual(await routes.prefixes(), [])
  t.is(await routes.defaultDevice(), undefined)
})

test('addresses are those others can reach, IPv4 first', async (t) => {
  const { routes } = answering({ address: devices })

  t.deepEqual(await routes.addresses(), [
    { device: 'eth0', address: '192.168.56.2', mtu: 1500 },
    { device: 'eth0', address: 'fd56::2', mtu: 1500 },
  ])
})
