//  The way outside, whatever becomes of the daemon and whoever meddles.
//
//   bbox1, bbox2 (ov_net1)
//     |eth1  |eth1
//     overtap_gwbr
//   overtapd @ host2                                internet
//       (.130) -------------- switch -------------- (.1), 203.0.113.9

import { fileURLToPath } from 'node:url'
import anyTest, { type TestFn } from 'ava'
import type {
  EndpointResponse,
  EventResponse,
} from '../../src/frontends/api/schema.js'
import { Daemon } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import { Internet } from '../lab/internet.js'
import { Lab } from '../lab/lab.js'
import type { Host, Namespace } from '../lab/namespace.js'
import { RedisServer } from '../lab/redis.js'
import { reaches } from '../lab/traffic.js'

interface Context {
  readonly lab: Lab
  readonly host: Host
  readonly daemon: Daemon
  readonly internet: Internet
  readonly bbox1: Namespace
  readonly bbox2: Namespace
}

const test = anyTest as TestFn<Context>
const nft = '/usr/sbin/nft'

test.beforeEach(async (t) => {
  const lab = await Lab.create()
  try {
    const host = await lab.addHost('host2', '192.168.56.130')
    const internet = await Internet.create(lab, [host])
    const { url: store } = await RedisServer.start(lab, host)
    const daemon = await Daemon.start(lab, host, { store, flags: ['--keep'] })
    await daemon.ask('network', 'create', 'ov_net1')
    const bbox1 = await lab.addContainer('bbox1')
    const bbox2 = await lab.addContainer('bbox2')
    for (const container of [bbox1, bbox2]) {
      await daemon.ask('network', 'connect', 'ov_net1', container.name)
    }
    t.context = { lab, host, daemon, internet, bbox1, bbox2 }
  } catch (error) {
    await lab.destroy()
    throw error
  }
})

test.afterEach.always((t) => t.context.lab.destroy())

test.serial('a daemon that is killed leaves the way open', async (t) => {
  const { host, daemon, internet, bbox1 } = t.context
  const before = await ways(t.context)
  t.deepEqual(before, ['bbox1 eth1 172.18.0.2/16', 'bbox2 eth1 172.18.0.3/16'])
  const index = await linkIndex(bbox1)

  await daemon.crash()
  t.is(await internet.sees(bbox1), host.address)
  await host.run(nft, 'flush', 'ruleset')
  await daemon.start()

  t.deepEqual(await ways(t.context), before)
  t.is(await linkIndex(bbox1), index, 'the interface is the same one')
  t.is(await internet.sees(bbox1), host.address, 'the rules are back')
  t.false(await reaches(bbox1, '172.18.0.3'))
})

test.serial('what is half made or nobody has is cleaned up', async (t) => {
  const { lab, host, daemon, internet, bbox1, bbox2 } = t.context
  await daemon.crash()
  await lab.removeContainer(bbox2)
  // A port of a container that is there, and one that was never finished.
  const stray = await lab.addContainer('stray')
  await host.ip(
    `link add otgw7 type veth peer name eth1 netns ${stray.path}`,
    'link set otgw7 alias "overtap 4:7 eth1" master overtap_gwbr up',
    'link set otgw7 type bridge_slave learning off',
    `link add otgw8 type veth peer name eth2 netns ${stray.path}`,
    'link set otgw8 alias "overtap 4:8 eth1" up',
  )
  await daemon.start()

  t.deepEqual(await ways(t.context), ['bbox1 eth1 172.18.0.2/16'])
  await eventually(t, async (t) => {
    t.deepEqual(await veths(host), ['otgw2'])
  })
  t.is(await internet.sees(bbox1), host.address)
})

test.serial('who meddles with bridge or rules is put right', async (t) => {
  const { host, daemon, internet, bbox1, bbox2 } = t.context
  await host.run(nft, 'add', 'table', 'inet', 'other')
  await host.run(nft, 'flush', 'table', 'inet', 'overtap')
  await host.ip('link delete overtap_gwbr', 'link delete otgw3')
  t.is(await internet.sees(bbox1), '')

  const repaired = await daemon.logged(/its rules were changed/)
  t.truthy(repaired)
  await eventually(t, async (t) => {
    t.is(await internet.sees(bbox1), host.address)
    t.is(await internet.sees(bbox2), host.address)
  })
  t.false(await reaches(bbox1, '172.18.0.3'))
  t.false(await reaches(bbox2, '172.18.0.2'))
  const events = await daemon.cli('events', '--json')
  const kinds = events.stdout
    .split('\n')
    .map((line) => (JSON.parse(line) as EventResponse).Kind)
  t.is(kinds.filter((kind) => kind === 'gateway-repaired').length, 2)
  t.regex(await host.run(nft, 'list', 'ruleset'), /table inet other/)
})

test.serial('uninstall leaves nothing of ours', async (t) => {
  const { host, daemon, bbox1 } = t.context
  await host.run(nft, 'add', 'table', 'inet', 'other')
  const refused = await onHost(host, daemon, 'uninstall')
  t.is(refused.code, 1)
  t.regex(refused.stderr, /overtapd is running/)

  await daemon.stop()
  t.deepEqual(await veths(host), ['otgw2', 'otgw3'], '--keep keeps them')
  const { code, stdout } = await onHost(host, daemon, 'uninstall')

  t.is(code, 0)
  t.regex(stdout, /removed bridge overtap_gwbr/)
  t.deepEqual(await veths(host), [])
  const links = await bbox1.run('ip', '-brief', 'link')
  t.regex(links, /eth0/)
  t.notRegex(links, /eth1/)
  t.notRegex(await host.run('ip', 'link'), /overtap_gwbr/)
  const ruleset = await host.run(nft, 'list', 'ruleset')
  t.notRegex(ruleset, /overtap/)
  t.regex(ruleset, /table inet other/)
  const again = await onHost(host, daemon, 'uninstall')
  t.is(again.stdout, 'nothing to remove')
})

/** As a person on that host would type it. */
function onHost(host: Host, daemon: Daemon, ...args: readonly string[]) {
  const program = fileURLToPath(
    new URL('../../src/bin/overtap.js', import.meta.url),
  )
  return host.attempt(process.execPath, [
    ...[program, '--socket', daemon.socket, ...args],
  ])
}

/** `bbox1 eth1 172.18.0.2/16` */
async function ways({ daemon, lab }: Context): Promise<string[]> {
  const all = await daemon.ask<EndpointResponse[]>('endpoint', 'ls')
  return all.map(({ Name, Gateway }) =>
    [
      Name.replace(`${lab.id}-`, ''),
      Gateway?.Interface,
      Gateway?.IPv4Address,
    ].join(' '),
  )
}

async function veths(host: Host): Promise<string[]> {
  const output = await host.run('ip', '-json', 'link', 'show', 'type', 'veth')
  const links = JSON.parse(output || '[]') as { ifname: string }[]
  return links
    .map(({ ifname }) => ifname)
    .filter((name) => name.startsWith('otgw'))
    .sort()
}

/** The number of the interface, which a new one would not have. */
async function linkIndex(container: Namespace): Promise<number> {
  const output = await container.run(
    'ip',
    '-json',
    'link',
    'show',
    'dev',
    'eth1',
  )
  const [link] = JSON.parse(output) as { ifindex: number }[]
  return link?.ifindex ?? -1
}
