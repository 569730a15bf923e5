import test from 'ava'
import { errors } from '../../../src/base/errors.js'
import { LinuxBridges } from '../../../src/system/bridge.js'
import type { Command, Run } from '../../../src/system/run.js'

const setup = {
  bridge: 'overtap_gwbr',
  name: 'otgw2',
  alias: 'overtap 4:7 eth1',
  netns: '/run/netns/a b',
  interface: 'eth1',
  mac: '02:42:ac:12:00:02',
  mtu: 1500,
  addresses: ['172.18.0.2', 'fd00::2'],
}
const inside = {
  ...{ netns: setup.netns, name: 'eth1', mac: setup.mac, mtu: 1500 },
  addresses: ['172.18.0.2/16'],
  gateways: ['172.18.0.1'],
}

function answering(answer: string | Error): { run: Run; commands: Command[] } {
  const commands: Command[] = []
  const run: Run = (command) => {
    commands.push(command)
    return answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve(answer)
  }
  return { run, commands }
}

test('a port is opened last, when all else is done', async (t) => {
  const { run, commands } = answering('')
  await new LinuxBridges(run).plug(setup, inside)

  t.is(commands.length, 1)
  const [, , script = '', , netns, outside, within, opening] =
    commands[0]?.argv ?? []
  t.deepEqual(
    [...script.matchAll(/"\$(\d)" \|/g)].map(([, number]) => number),
    ['2', '3', '4'],
  )
  t.is(netns, '/run/netns/a b')
  t.regex(outside ?? '', /netns "\/run\/netns\/a b"\n/)
  t.regex(outside ?? '', /isolated on locked on\n.*otgw2 up\n/s)
  t.regex(outside ?? '', /neighbour replace fd00::2 .* nud permanent/)
  t.regex(within ?? '', /address replace 172\.18\.0\.2\/16 dev eth1/)
  t.regex(within ?? '', /up\nroute add default via 172\.18\.0\.1 dev eth1\n$/)
  t.is(
    opening,
    'fdb replace 02:42:ac:12:00:02 dev otgw2 master static\nlink set dev otgw2 learning off\n',
  )
})

test('ports tell their bridge, and whether they were opened', async (t) => {
  const port = (ifname: string, learning: boolean, master?: string) => ({
    ...{ ifname, ifalias: 'note', ...(master && { master }) },
    linkinfo: { info_kind: 'veth', info_slave_data: { learning } },
  })
  const links = [
    port('otgw2', false, 'overtap_gwbr'),
    port('otgw3', true, 'overtap_gwbr'),
    { ifname: 'otgw4', linkinfo: { info_kind: 'veth' } },
    port('veth9', false, 'docker0'),
  ]
  const { run } = answering(JSON.stringify(links))

  t.deepEqual(await new LinuxBridges(run).ports('otgw'), [
    { name: 'otgw2', alias: 'note', bridge: 'overtap_gwbr', ready: true },
    { name: 'otgw3', alias: 'note', bridge: 'overtap_gwbr', ready: false },
    { name: 'otgw4', alias: '', bridge: undefined, ready: false },
  ])
})

test('a bridge is found by its name, with its global addresses', async (t) => {
  const address = (local: string, prefixlen: number, scope: string) => ({
    local,
    prefixlen,
    scope,
  })
  const { run } = answering(
    JSON.stringify([
      {},
      {
        ifname: 'overtap_gwbr',
        ifalias: 'overtap gateway',
        addr_info: [
          address('172.18.0.1', 16, 'global'),
          address('fe80::1', 64, 'link'),
        ],
      },
    ]),
  )
  const bridges = new LinuxBridges(run)
  t.deepEqual(await bridges.find('overtap_gwbr'), {
    name: 'overtap_gwbr',
    alias: 'overtap gateway',
    addresses: ['172.18.0.1/16'],
  })
  t.is(await bridges.find('br0'), null)
})

test('a port that is gone is removed, one that stays is a failure', async (t) => {
  const gone = errors.COMMAND_FAILED(
    'ip -force -batch -',
    'Cannot find device "otgw2"; Command failed -:1; RTNETLINK answers: No such file or directory; Command failed -:2',
  )
  await t.notThrowsAsync(
    new LinuxBridges(answering(gone).run).removePort(setup),
  )
  const refused = errors.COMMAND_FAILED(
    'ip -force -batch -',
    'RTNETLINK answers: Operation not permitted; Command failed -:1',
  )
  await t.throwsAsync(
    new LinuxBridges(answering(refused).run).removePort(setup),
    { code: 'COMMAND_FAILED' },
  )
})
