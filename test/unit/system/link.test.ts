import test from 'ava'
import { errors } from '../../../src/base/errors.js'
import {
  isInterfaceName,
  LinuxLinks,
  nextInterface,
} from '../../../src/system/link.js'
import type { Command, Run } from '../../../src/system/run.js'

function recording(output = ''): { run: Run; commands: Command[] } {
  const commands: Command[] = []
  const run: Run = (command) => {
    commands.push(command)
    return Promise.resolve(output)
  }
  return { run, commands }
}

test('a link is configured by one process, the MAC before "up"', async (t) => {
  const { run, commands } = recording()

  await new LinuxLinks(run).configure({
    netns: '/run/netns/bbox1',
    name: 'eth0',
    mac: '02:42:0a:00:00:02',
    mtu: 1450,
    addresses: ['10.0.0.2/24', 'fd00::2/64'],
    gsoMaxSize: 61440,
  })

  t.deepEqual(commands, [
    {
      argv: ['nsenter', '--net=/run/netns/bbox1', 'ip', '-batch', '-'],
      input: [
        'link set dev eth0 address 02:42:0a:00:00:02 mtu 1450 txqueuelen 1000 gso_max_size 61440',
        'address replace 10.0.0.2/24 dev eth0',
        'address replace fd00::2/64 dev eth0 nodad',
        'link set dev eth0 up',
        '',
      ].join('\n'),
    },
  ])
})

test('links are listed with what tells a TAP from others', async (t) => {
  const { run } = recording(
    JSON.stringify([
      { ifname: 'lo', mtu: 65536, address: '00:00:00:00:00:00' },
      {
        ifname: 'eth0',
        mtu: 1450,
        address: '02:42:0a:00:00:02',
        linkinfo: { info_kind: 'tun', info_data: { type: 'tap' } },
      },
      { ifname: 'wg0', mtu: 1420, linkinfo: { info_kind: 'wireguard' } },
    ]),
  )

  t.deepEqual(await new LinuxLinks(run).list('/run/netns/bbox1'), [
    { name: 'lo', mac: '00:00:00:00:00:00', mtu: 65536, isTap: false },
    { name: 'eth0', mac: '02:42:0a:00:00:02', mtu: 1450, isTap: true },
    { name: 'wg0', mac: '', mtu: 1420, isTap: false },
  ])
})

test('a link that is taken down is otherwise left as it is', async (t) => {
  const { run, commands } = recording()

  await new LinuxLinks(run).down('/run/netns/bbox1', 'eth0')

  t.deepEqual(
    commands.map(({ argv }) => argv.join(' ')),
    ['nsenter --net=/run/netns/bbox1 ip link set dev eth0 down'],
  )
})

test('removing a link that is gone is fine, other failures are not', async (t) => {
  const failing = (problem: string): Run => {
    return () => Promise.reject(errors.COMMAND_FAILED('ip', problem))
  }

  await t.notThrowsAsync(
    new LinuxLinks(failing('Cannot find device "eth0"')).remove('/x', 'eth0'),
  )
  await t.throwsAsync(
    new LinuxLinks(failing('Operation not permitted')).remove('/x', 'eth0'),
    { message: 'ip: Operation not permitted' },
  )
})

test('the next interface is the first free number, as in Docker', (t) => {
  t.is(nextInterface(['lo']), 'eth0')
  t.is(nextInterface(['lo', 'eth0', 'eth2']), 'eth1')
})

test('interface names are one word of up to 15 plain characters', (t) => {
  for (const name of ['eth0', 'overlay.1', 'a_b-c', 'a23456789012345']) {
    t.true(isInterfaceName(name), name)
  }
  for (const name of ['', '.', '-a', 'a b', 'a/b', 'a#b', 'a234567890123456']) {
    t.false(isInterfaceName(name), name)
  }
})

test('a namespace is surveyed by one process', async (t) => {
  const { run, commands } = recording(
    [
      '[{"ifname":"lo"},{"ifname":"eth0"}]',
      '[{"dst":"default","dev":"eth0"}]',
      '',
      '0',
    ].join('\n//\n'),
  )
  t.deepEqual(await new LinuxLinks(run).survey('/run/netns/bbox1'), {
    links: ['lo', 'eth0'],
    defaultRoutes: { v4: ['eth0'], v6: [] },
    hasV6: true,
  })
  t.is(commands.length, 1)
})
