//  A host has rules of its own: what they do to its containers is reported,
//  with what helps.
//
//       web
//        |
//   [ gateway ]
//   overtapd @ host2 (.130) ---- switch ---- client (.1)
//   rules of Docker, ufw, firewalld, ...

import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { ask, greet } from '../lab/greeter.js'
import type { Host } from '../lab/namespace.js'

const host4 = '192.168.56.130'
const client4 = '192.168.56.1'

let cluster: Cluster
let host2: Host
let client: Host
let web: Container

test.before(async () => {
  cluster = await Cluster.start()
  host2 = cluster.host2.host
  client = await cluster.lab.addHost('client', client4)
  await setBridgedCalls(0)
  await cluster.createNetwork('ov_net1')
  web = await cluster.addContainer(
    ...([cluster.host2, 'ov_net1', 'web', '-p', '80:80'] as const),
  )
  await greet(web.namespace, 80)
  await greet(client, 9000)
})

test.after.always(() => cluster.stop())

test.afterEach.always(async () => {
  await host2.attempt('iptables', ['-P', 'FORWARD', 'ACCEPT'])
  for (const table of ['ip filter', 'inet firewalld', 'inet filter']) {
    await host2.attempt('/usr/sbin/nft', [
      'delete',
      'table',
      ...table.split(' '),
    ])
  }
})

function setBridgedCalls(value: 0 | 1): Promise<string> {
  return host2.run(
    ...(['sysctl', '-eqw'] as const),
    ...['iptables', 'ip6tables'].map(
      (tool) => `net.bridge.bridge-nf-call-${tool}=${value}`,
    ),
  )
}

async function problems(): Promise<readonly string[]> {
  const { Problems } = await cluster.host2.ask<StatusResponse>('status')
  return Problems
}

/** In a shell of the host: npm puts a package's `nft` before the system's. */
async function shell(commands: string): Promise<void> {
  const path = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'
  await host2.run('env', path, 'sh', '-ec', commands)
}

/** Each way is seen from its far end. */
async function ways(): Promise<Record<string, boolean>> {
  const [out, into] = await Promise.all([
    ask(web.namespace, 'tcp', client4, 9000),
    ask(client, 'tcp', host4, 80),
  ])
  return {
    out: out === `client 9000 ${host4}`,
    into: into === `web 80 ${client4}`,
  }
}

const open = { out: true, into: true }
const shut = { out: false, into: false }

/** The one problem there is; resolves to its remedy. */
async function reported(t: ExecutionContext, start: string): Promise<string> {
  const [problem = '', ...more] = await problems()
  t.deepEqual(more, [])
  t.true(problem.startsWith(start), problem)
  return /\((.*)\)$/.exec(problem)?.[1] ?? ''
}

const shutBy = (chain: string, table: string) =>
  `the chain ${chain} of table ${table} drops packets of overtap_gwbr`

test.serial('without rules of others all is well', async (t) => {
  t.deepEqual(await ways(), open)
  t.deepEqual(await problems(), [])
})

/** Docker's rules for a bridge, as `iptables-save` shows them (27.5). */
const docker = `*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
`

test.serial('beside Docker the remedy opens the way', async (t) => {
  await restore(docker)
  t.deepEqual(await ways(), shut)
  const remedy = await reported(t, shutBy('FORWARD', 'ip filter'))
  t.regex(remedy, /^iptables -I DOCKER-USER -i overtap_gwbr -j ACCEPT && /)

  await shell(remedy)
  t.deepEqual(await ways(), open)
  t.deepEqual(await problems(), [])
})

async function restore(rules: string): Promise<void> {
  const { code, stderr } = await host2.attempt('iptables-restore', [], {
    input: rules,
  })
  if (code !== 0) throw new Error(`iptables-restore failed: ${stderr}`)
}

test.serial('what Docker has accepted is accepted by ours only', async (t) => {
  await restore(docker)
  await shell(await reported(t, shutBy('FORWARD', 'ip filter')))
  // All that goes to the bridge passes DOCKER-USER now.
  await client.ip(`route replace 172.18.0.0/16 via ${host4}`)
  t.is(await ask(client, 'tcp', '172.18.0.2', 80), null)
})

/** ufw's chains for routed packets (0.36), without those for its log. */
const ufw = `*filter
:FORWARD DROP [0:0]
:ufw-before-forward - [0:0]
:ufw-user-forward - [0:0]
:ufw-after-forward - [0:0]
:ufw-reject-forward - [0:0]
-A FORWARD -j ufw-before-forward
-A FORWARD -j ufw-after-forward
-A FORWARD -j ufw-reject-forward
-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-forward -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A ufw-before-forward -j ufw-user-forward
COMMIT
`

test.serial('with ufw', async (t) => {
  await restore(ufw)
  t.deepEqual(await ways(), shut)
  t.is(
    await reported(t, shutBy('FORWARD', 'ip filter')),
    'ufw route allow in on overtap_gwbr && ufw route allow out on overtap_gwbr',
  )
  // What these commands add.
  for (const side of ['-i', '-o']) {
    await host2.run(
      ...(['iptables', '-A', 'ufw-user-forward'] as const),
      ...[side, 'overtap_gwbr', '-j', 'ACCEPT'],
    )
  }
  t.deepEqual(await ways(), open)
  t.deepEqual(await problems(), [])
})

/** firewalld's chains for routed packets (1.3), the zone public for all. */
const firewalld = `table inet firewalld {
  chain filter_FWD_public { reject with icmpx type admin-prohibited; }
  chain filter_FWD_trusted { accept; }
  chain filter_FORWARD_ZONES { goto filter_FWD_public; }
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    jump filter_FORWARD_ZONES
    reject with icmpx type admin-prohibited
  }
}
`

test.serial('with firewalld', async (t) => {
  await load(firewalld)
  t.deepEqual(await ways(), { out: false, into: true })
  t.is(
    await reported(t, shutBy('filter_FORWARD', 'inet firewalld')),
    'firewall-cmd --permanent --zone=trusted --add-interface=overtap_gwbr && firewall-cmd --reload',
  )
  // What these commands add.
  await host2.run(
    ...(['/usr/sbin/nft', 'insert', 'rule', 'inet', 'firewalld'] as const),
    ...['filter_FORWARD_ZONES', 'iifname', 'overtap_gwbr'],
    ...['goto', 'filter_FWD_trusted'],
  )
  t.deepEqual(await ways(), open)
  t.deepEqual(await problems(), [])
})

async function load(rules: string): Promise<void> {
  const { code, stderr } = await host2.attempt('/usr/sbin/nft', ['-f', '-'], {
    input: rules,
  })
  if (code !== 0) throw new Error(`nft failed: ${stderr}`)
}

test.serial('with rules of the host’s administrator', async (t) => {
  await load(`table inet filter {
    chain forward {
      type filter hook forward priority filter; policy drop;
      ct state established accept
    }
  }`)
  t.deepEqual(await ways(), shut)
  await shell(await reported(t, shutBy('forward', 'inet filter')))
  t.deepEqual(await ways(), open)
  t.deepEqual(await problems(), [])
})

test.serial('rules of others are left as they are', async (t) => {
  await restore(docker)
  await load(firewalld)
  const before = await foreignRules()
  const short = await cluster.addContainer(
    ...([cluster.host2, 'ov_net1', 'short', '-p', '81:80'] as const),
  )
  await cluster.host2.ask(
    ...['network', 'disconnect', 'ov_net1', short.namespace.name],
  )
  t.is(await foreignRules(), before)
})

async function foreignRules(): Promise<string> {
  const tables = ['ip filter', 'inet firewalld'].map((table) =>
    host2.run(
      ...(['/usr/sbin/nft', '--stateless', 'list', 'table'] as const),
      ...table.split(' '),
    ),
  )
  return (await Promise.all(tables)).join('\n')
}

test.serial('a host that does not forward', async (t) => {
  await host2.run('sysctl', '-qw', 'net.ipv4.ip_forward=0')
  t.deepEqual(await ways(), shut)
  await shell(await reported(t, 'net.ipv4.ip_forward is 0'))
  t.deepEqual(await ways(), open)
  t.deepEqual(await problems(), [])
})

test.serial('bridged frames that are treated as routed', async (t) => {
  const { stdout } = await host2.attempt('ls', ['/proc/sys/net/bridge'])
  if (stdout === '') {
    t.pass('this kernel has no br_netfilter')
    return
  }
  t.not(await ask(web.namespace, 'tcp', host4, 80), null)
  await setBridgedCalls(1)
  t.deepEqual(await ways(), open)
  t.is(await ask(web.namespace, 'tcp', host4, 80), null)
  const remedy = await reported(t, 'net.bridge.bridge-nf-call-iptables')
  await shell(remedy.replace(/,.*/, ''))
  t.not(await ask(web.namespace, 'tcp', host4, 80), null)
  t.deepEqual(await problems(), [])
})

test.serial('the log says it, too', async (t) => {
  await restore(docker)
  await problems()
  const line = await cluster.host2.logged(/drops packets of overtap_gwbr/)
  t.like(JSON.parse(line), {
    level: 40,
    remedy:
      'iptables -I DOCKER-USER -i overtap_gwbr -j ACCEPT && iptables -I DOCKER-USER -o overtap_gwbr -j ACCEPT',
  })
})
