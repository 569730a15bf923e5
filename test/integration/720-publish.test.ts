//  Ports of a host that lead to its containers (tutorial, step 7).
//
//   web  other     bystander
//    |     |           |
//   [ gateway ]        |
//   overtapd @ host2   |        overtapd @ host3    client
//      (.130, fd56::130) ------------ (.128) -------- (.1, fd56::1)
//                          switch

import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { EndpointResponse } from '../../src/frontends/api/schema.js'
import { Cluster, connect, type Container } from '../lab/cluster.js'
import { ask, Conversation, greet, type Transport } from '../lab/greeter.js'
import type { Host, Namespace } from '../lab/namespace.js'

const host4 = '192.168.56.130'
const host6 = 'fd56::130'
const client4 = '192.168.56.1'

let cluster: Cluster
let host2: Host
let client: Host
let web: Container
let other: Container

test.before(async () => {
  cluster = await Cluster.start()
  host2 = cluster.host2.host
  client = await cluster.lab.addHost('client', client4)
  await host2.ip(`address add ${host6}/64 nodad dev eth0`)
  await client.ip('address add fd56::1/64 nodad dev eth0')
  // Elsewhere it may be on: what that costs is tested in 721.
  await host2.run(
    ...(['sysctl', '-eqw', 'net.bridge.bridge-nf-call-iptables=0'] as const),
    'net.bridge.bridge-nf-call-ip6tables=0',
  )
  await cluster.createNetwork('ov_net1')
  web = await publish(
    ...['web', '80:80', '53:5353/udp', '7000-7002:90-92'],
    ...['127.0.0.1:8081:80', `${host4}:8082:80`, `[${host6}]:8083:80`],
  )
  other = await publish('other', '81:80')
  await greet(web.namespace, 80, 90, 91, 92, 5353, 6000)
  await greet(other.namespace, 80, 5454)
})

test.after.always(() => cluster.stop())

function publish(
  label: string,
  ...ports: readonly string[]
): Promise<Container> {
  return cluster.addContainer(
    ...([cluster.host2, 'ov_net1', label] as const),
    ...ports.flatMap((port) => ['--publish', port]),
  )
}

interface Question {
  readonly from: Namespace
  readonly over?: Transport
  readonly to: string
  readonly port: number
}

async function answers(
  t: ExecutionContext,
  { from, over = 'tcp', to, port }: Question,
  answer: string | null,
): Promise<void> {
  const what = `${from.label} asks ${over} ${to} ${port}`
  t.is(await ask(from, over, to, port), answer, what)
}

test.serial('another machine reaches a published port', async (t) => {
  await answers(t, { from: client, to: host4, port: 80 }, `web 80 ${client4}`)
  const second = { from: cluster.host3.host, to: host4, port: 81 }
  await answers(t, second, 'other 80 192.168.56.128')
})

test.serial('over UDP', async (t) => {
  await answers(
    t,
    { from: client, over: 'udp', to: host4, port: 53 },
    `web 5353 ${client4}`,
  )
  // Published over UDP only.
  await answers(t, { from: client, to: host4, port: 53 }, null)
})

test.serial('a range of ports, in order', async (t) => {
  for (const [port, inside] of [
    [7000, 90],
    [7001, 91],
    [7002, 92],
  ] as const) {
    await answers(
      t,
      { from: client, to: host4, port },
      `web ${inside} ${client4}`,
    )
  }
  await answers(t, { from: client, to: host4, port: 7003 }, null)
})

test.serial('over IPv6', async (t) => {
  await answers(t, { from: client, to: host6, port: 80 }, 'web 80 fd56::1')
  const udp = { from: client, over: 'udp', to: host6, port: 53 } as const
  await answers(t, udp, 'web 5353 fd56::1')
})

test.serial('at one address of the host only', async (t) => {
  await answers(t, { from: client, to: host4, port: 8082 }, `web 80 ${client4}`)
  await answers(t, { from: client, to: host6, port: 8082 }, null)
  await answers(t, { from: client, to: host6, port: 8083 }, 'web 80 fd56::1')
  await answers(t, { from: client, to: host4, port: 8083 }, null)
  await answers(t, { from: host2, to: '127.0.0.1', port: 8082 }, null)
})

test.serial('from the host itself', async (t) => {
  await answers(t, { from: host2, to: host4, port: 80 }, `web 80 ${host4}`)
  await answers(t, { from: host2, to: host6, port: 80 }, `web 80 ${host6}`)
  await answers(
    t,
    { from: host2, to: '127.0.0.1', port: 80 },
    'web 80 172.18.0.1',
  )
  await answers(
    t,
    { from: host2, over: 'udp', to: '127.0.0.1', port: 53 },
    'web 5353 172.18.0.1',
  )
  // The kernel cannot lead away what is sent to ::1; it is refused at once.
  await answers(t, { from: host2, to: '::1', port: 80 }, null)
})

test.serial('a port of the loopback address is the host’s alone', async (t) => {
  const port = 8081
  await answers(t, { from: host2, to: '127.0.0.1', port }, 'web 80 172.18.0.1')
  await answers(t, { from: client, to: host4, port }, null)
  const neighbour = await cluster.lab.addHost('neighbour', '192.168.56.2')
  await viaHost(neighbour, host4)
  await answers(t, { from: neighbour, to: '127.0.0.1', port }, null)
})

test.serial(
  'a container does not reach the loopback address of its host',
  async (t) => {
    const bystander = await publish('bystander')
    const server = await greet(host2, 9999)
    await viaHost(bystander.namespace, '172.18.0.1')
    await answers(
      t,
      { from: bystander.namespace, to: '127.0.0.1', port: 9999 },
      null,
    )
    await answers(
      t,
      { from: bystander.namespace, to: '127.0.0.1', port: 8081 },
      null,
    )
    await server.stop()
  },
)

/** Makes it send to 127.0.0.1 by way of somebody else, as an attacker would. */
async function viaHost(from: Namespace, gateway: string): Promise<void> {
  await from.run(
    ...(['sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1'] as const),
  )
  await from.attempt('ip', ['route', 'flush', 'table', 'local', '127.0.0.0/8'])
  await from.attempt('ip', ['address', 'del', '127.0.0.1/8', 'dev', 'lo'])
  await from.ip(`route add 127.0.0.1/32 via ${gateway}`)
}

test.serial(
  'a container reaches its own published port, and another’s',
  async (t) => {
    for (const [from, port, answer] of [
      [web, 80, 'web 80'],
      [web, 81, 'other 80'],
      [other, 80, 'web 80'],
    ] as const) {
      const { namespace } = from
      const own4 = { from: namespace, to: host4, port }
      await answers(t, own4, `${answer} 172.18.0.1`)
      const gateway = { from: namespace, to: '172.18.0.1', port }
      await answers(t, gateway, `${answer} 172.18.0.1`)
      t.regex((await ask(namespace, 'tcp', host6, port)) ?? '', RegExp(answer))
    }
    const udp = {
      from: web.namespace,
      over: 'udp',
      to: host4,
      port: 53,
    } as const
    await answers(t, udp, 'web 5353 172.18.0.1')
  },
)

test.serial('what is not published is not reached', async (t) => {
  // Port 6000 of web is open, and nobody published it.
  await answers(t, { from: client, to: host4, port: 6000 }, null)
  await client.ip(`route add 172.18.0.0/16 via ${host4}`)
  const inside = await bridgeAddress(web)
  for (const port of [80, 6000]) {
    await answers(t, { from: client, to: inside, port }, null)
    await answers(t, { from: other.namespace, to: inside, port }, null)
  }
  await answers(t, { from: host2, to: inside, port: 80 }, 'web 80 172.18.0.1')
})

async function bridgeAddress({ namespace }: Container): Promise<string> {
  const text = await namespace.run('ip', '-4', '-o', 'address')
  const address = /inet (172\.18\.\d+\.\d+)/.exec(text)?.[1]
  if (address === undefined) throw new Error(`no gateway port: ${text}`)
  return address
}

test.serial('a port that a container has is refused, naming it', async (t) => {
  const rival = await cluster.lab.addContainer('rival')
  const outcome = await cluster.host2.cli(
    ...['network', 'connect', '-p', '8090:80', '-p', `${host4}:80:80`],
    ...['ov_net1', rival.name],
  )
  t.is(outcome.code, 1)
  t.is(
    outcome.stderr,
    'overtap: port 80/tcp of this host is published already, by web on ov_net1\n' +
      '  -> choose another port of the host, or disconnect that container first: overtap endpoint ls',
  )
  t.notRegex(await rival.run('ip', '-o', 'link'), /eth/)
  await t.notThrowsAsync(
    connect(cluster.host2, 'ov_net1', rival, '-p', '8090:80'),
  )
})

test.serial('so is one that a process listens at', async (t) => {
  const server = await greet(host2, 8123)
  const rival = await cluster.lab.addContainer('rival2')
  const outcome = await cluster.host2.cli(
    ...['network', 'connect', '-p', '8120-8125:80-85', 'ov_net1', rival.name],
  )
  t.regex(
    outcome.stderr,
    /port 8123\/tcp of this host is in use by python3\S* \(pid \d+\)/,
  )
  await server.stop()
})

test.serial('nobody can listen at a published port', async (t) => {
  const { code, stderr } = await host2.attempt('python3', [
    ...['-m', 'http.server', '80'],
  ])
  t.not(code, 0)
  t.regex(stderr, /Address already in use/)
})

test.serial('of many that want a port at once one gets it', async (t) => {
  const labels = ['r1', 'r2', 'r3', 'r4']
  const results = await Promise.allSettled(
    labels.map((label) => publish(label, '8200:80')),
  )
  const won = results.filter(({ status }) => status === 'fulfilled')
  t.is(won.length, 1)
})

test.serial('a port of the host that was left open', async (t) => {
  const { endpoint, namespace } = await publish('open', '80', '53/udp')
  t.deepEqual(endpoint.Publish, ['32768:80/tcp', '32769:53/udp'])
  await greet(namespace, 80, 53)
  await answers(
    t,
    { from: client, to: host4, port: 32768 },
    `open 80 ${client4}`,
  )
  const listed = await cluster.host3.ask<EndpointResponse[]>('endpoint', 'ls')
  const seen = listed.find(({ Name }) => Name === 'open')
  t.deepEqual(seen?.Publish, endpoint.Publish)
})

test.serial('ports come and go with the endpoint they belong to', async (t) => {
  await cluster.createNetwork('ov_net2')
  await connect(cluster.host2, 'ov_net2', web.namespace, '-p', '8500:80')
  const own = { from: client, to: host4, port: 8500 }
  await answers(t, own, `web 80 ${client4}`)
  await cluster.host2.ask(
    ...['network', 'disconnect', 'ov_net2', web.namespace.name],
  )
  await answers(t, own, null)
  await answers(t, { ...own, port: 80 }, `web 80 ${client4}`)
})

test.serial('an internal network publishes nothing', async (t) => {
  await cluster.createNetwork('ov_inner', '--internal')
  const inner = await cluster.lab.addContainer('inner')
  const outcome = await cluster.host2.cli(
    ...['network', 'connect', '-p', '8300:80', 'ov_inner', inner.name],
  )
  t.is(outcome.code, 1)
  t.regex(outcome.stderr, /^overtap: no port can be published .*internal/)
})

test.serial(
  'who sent before a port was published reaches it, too',
  async (t) => {
    const sender = new Conversation(client, 'udp', host4, 5400)
    t.true(await sender.hears('-'))
    const late = await publish('late', '5400:5454/udp')
    await greet(late.namespace, 5454)
    t.true(await sender.hears(`late 5454 ${client4}`))
    // And reaches another container when that has the port.
    await disconnect(late)
    const next = await publish('next', '5400:5454/udp')
    await greet(next.namespace, 5454)
    t.true(await sender.hears(`next 5454 ${client4}`))
    await sender.end()
  },
)

async function disconnect({ namespace }: Container): Promise<void> {
  await cluster.host2.ask('network', 'disconnect', 'ov_net1', namespace.name)
}

test.serial('disconnected, its ports are free, and others go on', async (t) => {
  const short = await publish('short', '8400:80')
  await greet(short.namespace, 80)
  await answers(
    t,
    { from: client, to: host4, port: 8400 },
    `short 80 ${client4}`,
  )
  const going = new Conversation(client, 'tcp', host4, 80)
  t.true(await going.hears('web 80'))

  await disconnect(short)
  await answers(t, { from: client, to: host4, port: 8400 }, null)
  await answers(t, { from: host2, to: '127.0.0.1', port: 8400 }, null)
  t.true(await going.hears('web 80'))
  await going.end()
  const server = await greet(host2, 8400)
  await server.stop()
  await t.notThrowsAsync(publish('heir', '8400:80'))
})

test.serial('a killed daemon leaves ports and connections', async (t) => {
  const going = new Conversation(client, 'tcp', host4, 80)
  t.true(await going.hears('web 80'))
  await cluster.host2.crash()
  t.true(await going.hears('web 80'))
  await answers(t, { from: client, to: host4, port: 81 }, `other 80 ${client4}`)

  await cluster.host2.start()
  t.true(await going.hears('web 80'))
  await answers(t, { from: client, to: host4, port: 81 }, `other 80 ${client4}`)
  const { stderr } = await host2.attempt('python3', [
    ...['-m', 'http.server', '80'],
  ])
  t.regex(stderr, /Address already in use/)
  await t.throwsAsync(publish('again', '81:80'), {
    message: /published already, by other/,
  })
  await going.end()
})
