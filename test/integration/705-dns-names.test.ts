//  Names, as the resolvers of containers ask for them: glibc's, musl's,
//  busybox', and dig over UDP and TCP.
//
//   bbox1                       bbox2   bbox3 (ov_net2)
//     |                           |       |
//   overtapd @ host2            overtapd @ host3
//       (.130) ------ switch ------ (.128)

import test from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { eventually } from '../lab/eventually.js'
import type { Namespace } from '../lab/namespace.js'
import { lookUp } from '../lab/traffic.js'

let cluster: Cluster
let bbox1: Container
let bbox2: Container
let bbox3: Container

test.before(async () => {
  cluster = await Cluster.start()
  await cluster.createNetwork('ov_net1', '--ipv6')
  await cluster.createNetwork('ov_net2')
  const { host2, host3 } = cluster
  ;[bbox1, bbox2, bbox3] = await Promise.all([
    cluster.addContainer(
      host2,
      'ov_net1',
      'bbox1',
      '--alias',
      'web',
      '-p',
      '8080:80',
    ),
    cluster.addContainer(host3, 'ov_net1', 'bbox2', '--alias', 'web'),
    cluster.addContainer(host3, 'ov_net2', 'bbox3'),
  ])
})

test.after.always(() => cluster.stop())

/** Sends all questions before it reads the first answer, as RFC 7766 allows. */
const pipeline = `
import socket, struct, sys, threading
count = int(sys.argv[1])
name = b''.join(bytes([len(part)]) + part for part in (b'bbox2', b'ov_net1')) + b'\\0'
server = socket.create_connection(('10.0.0.1', 53), 5)
def ask():
    for one in range(count):
        query = struct.pack('>6H', one, 0x100, 1, 0, 0, 0) + name + struct.pack('>2H', 1, 1)
        server.sendall(struct.pack('>H', len(query)) + query)
threading.Thread(target=ask, daemon=True).start()
stream = server.makefile('rb')
seen = set()
while len(seen) < count:
    answer = stream.read(struct.unpack('>H', stream.read(2))[0])
    number, flags, _, answers = struct.unpack('>4H', answer[:8])
    assert flags & 0x800f == 0x8000 and answers == 1, answer
    seen.add(number)
print(len(seen), 'answers to', count, 'questions')
`

/** What dig says, whole. */
async function dig(
  from: Namespace,
  ...args: readonly string[]
): Promise<string> {
  const { stdout } = await from.attempt('dig', [
    ...['+tries=1', '+time=2', ...args],
  ])
  return stdout
}

test.serial('a name is answered over TCP as over UDP', async (t) => {
  for (const name of ['bbox2', 'BBOX2.ov_net1']) {
    for (const flags of [[], ['+tcp'], ['+tcp', '-6'], ['-6']]) {
      const servers = flags.includes('-6') ? [gateway6()] : []
      const said = await dig(
        ...([bbox1.namespace, ...servers, ...flags, name] as const),
      )
      t.regex(said, new RegExp(`^${name}\\.\\s+5\\s+IN\\s+A\\s+`, 'm'))
      t.true(said.includes(bbox2.address), said)
    }
  }
})

test.serial('several questions share one connection', async (t) => {
  const said = await dig(
    ...([bbox1.namespace, '+tcp', '+keepopen', '+short'] as const),
    ...['bbox1', 'bbox2', 'bbox1.ov_net1', '_gateway'],
  )
  const { Dns } = await cluster.host2.ask<StatusResponse>('status')
  t.true(Dns.OverUdp >= 4 && Dns.OverTcp >= 8, JSON.stringify(Dns))
  t.deepEqual(said.trim().split('\n'), [
    ...[bbox1.address, bbox2.address, bbox1.address, '10.0.0.1'],
  ])
})

test.serial('two hundred questions at once are all answered', async (t) => {
  const said = await bbox1.namespace.run('python3', '-c', pipeline, '200')
  t.is(said.trim(), '200 answers to 200 questions')
})

test.serial('what does not fit into a datagram comes over TCP', async (t) => {
  const addresses = Array.from({ length: 60 }, (_, one) => `192.0.2.${one + 1}`)
  await cluster.host3.ask('dns', 'add', 'ov_net1', 'many', ...addresses)
  const from = bbox1.namespace
  const cut = await dig(from, '+ignore', '+noedns', 'many')
  t.regex(cut, /flags: [^;]*\btc\b/)
  t.true(addressesIn(cut).length < 60)

  const whole = await dig(from, '+noedns', 'many')
  t.regex(whole, /Truncated, retrying in TCP mode/)
  t.is(new Set(addressesIn(whole)).size, 60)

  await cluster.host2.ask('dns', 'rm', 'ov_net1', 'many')
})

test.serial('a port of the gateway but 53 refuses connections', async (t) => {
  const started = Date.now()
  const { stderr } = await bbox1.namespace.attempt('bash', [
    ...['-c', 'exec 3<>/dev/tcp/10.0.0.1/80'],
  ])
  t.regex(stderr, /refused/)
  t.true(Date.now() - started < 2000)
})

test.serial('a name exists without the type, or not at all', async (t) => {
  const from = bbox1.namespace
  for (const [name, type, status] of [
    ['bbox2', 'MX', 'NOERROR'],
    ['bbox2', 'TXT', 'NOERROR'],
    ['nobody.ov_net1', 'A', 'NXDOMAIN'],
  ] as const) {
    const said = await dig(from, name, type)
    t.regex(said, new RegExp(`status: ${status}`))
    t.regex(said, /ANSWER: 0/)
    t.regex(said, /\s1\s+IN\s+SOA\s/, 'remembered for a second')
  }
})

test.serial('addresses lead back to names', async (t) => {
  const from = bbox1.namespace
  t.deepEqual(await lookUp(from, bbox2.address, 'PTR'), ['bbox2.ov_net1.'])
  const v6 = bbox2.endpoint.IPv6Address.replace(/\/.*/, '')
  t.deepEqual(await lookUp(from, v6, 'PTR'), ['bbox2.ov_net1.'])
  const { stdout } = await from.attempt('getent', ['hosts', bbox2.address])
  t.regex(stdout, /bbox2\.ov_net1/)
})

test.serial(
  'a published port leads to the port of the container',
  async (t) => {
    const from = bbox2.namespace
    for (const name of ['_8080._tcp.bbox1', '_tcp.web.ov_net1']) {
      const said = await dig(from, name, 'SRV')
      t.regex(said, /SRV\s+0 0 80 bbox1\.ov_net1\./)
      t.true(addressesIn(said).includes(bbox1.address), said)
    }
    t.regex(await dig(from, '_81._tcp.bbox1', 'SRV'), /status: NXDOMAIN/)
  },
)

test.serial('a short id is a name', async (t) => {
  const id = bbox2.endpoint.EndpointID.slice(0, 12)
  t.deepEqual(await lookUp(bbox1.namespace, id), [bbox2.address])
})

test.serial(
  'a name given by hand is known on all hosts until it goes',
  async (t) => {
    const { host2, host3 } = cluster
    const name = 'db.example.com'
    const added = await host2.cli(
      ...['dns', 'add', 'ov_net1', name, '192.0.2.7', '2001:db8::7'],
    )
    t.is(added.stdout, name)
    for (const { namespace } of [bbox1, bbox2]) {
      await eventually(t, async (t) => {
        t.deepEqual(await lookUp(namespace, name), ['192.0.2.7'])
      })
      t.deepEqual(await lookUp(namespace, name, 'AAAA'), ['2001:db8::7'])
    }
    t.deepEqual(await lookUp(bbox1.namespace, '192.0.2.7', 'PTR'), [
      'db.example.com.ov_net1.',
    ])
    t.deepEqual(await lookUp(bbox3.namespace, name), [])

    const { stdout } = await host3.cli('dns', 'ls', 'ov_net1')
    t.regex(
      stdout,
      /^db\.example\.com +ov_net1 +record +192\.0\.2\.7, 2001:db8::7$/m,
    )
    t.regex(stdout, /^web +ov_net1 +alias +[\d.]+, [\da-f:]+ +host2$/m)

    await host3.ask('dns', 'rm', 'ov_net1', name)
    await eventually(t, async (t) => {
      t.deepEqual(await lookUp(bbox1.namespace, name), [])
    })
    const again = await host3.cli('dns', 'rm', 'ov_net1', name)
    t.is(again.code, 1)
    t.regex(
      again.stderr,
      /ov_net1 has no such record by hand: db\.example\.com/,
    )
  },
)

test.serial('dns lookup tells what a container gets, and why', async (t) => {
  const { host2 } = cluster
  const said = async (...args: readonly string[]) =>
    (await host2.cli('dns', 'lookup', ...args)).stdout
  t.regex(
    await said('bbox2', '--from', 'bbox1'),
    /^bbox2 +A +5 +10\.0\.0\.\d+$/m,
  )
  t.regex(await said('bbox3'), /A: NOERROR, ov_net2 has it/)
  t.regex(
    await said('bbox3.ov_net1', '--from', 'bbox1', '--type', 'a'),
    /^A: NXDOMAIN, it could be of ov_net1 only, where nobody has it$/m,
  )
  t.regex(await said(bbox2.address), /PTR +5 +bbox2\.ov_net1/)
  t.regex((await host2.cli('dns', 'flush')).stdout, /^\d+ answers forgotten$/m)
})

test.serial('what is on another network has no name here', async (t) => {
  t.deepEqual(await lookUp(bbox3.namespace, 'bbox1'), [])
  t.deepEqual(await lookUp(bbox3.namespace, 'bbox1.ov_net1'), [])
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox3'), [])
})

test.serial('names come and go with connect and disconnect', async (t) => {
  const { host3 } = cluster
  const { name } = bbox3.namespace
  await host3.ask('network', 'connect', '--name', 'bbox3', 'ov_net1', name)
  t.deepEqual(await lookUp(bbox3.namespace, 'bbox1'), [bbox1.address])
  await eventually(t, async (t) => {
    t.is((await lookUp(bbox1.namespace, 'bbox3')).length, 1)
  })
  await host3.ask('network', 'disconnect', 'ov_net1', name)
  t.deepEqual(await lookUp(bbox3.namespace, 'bbox1'), [])
  await eventually(t, async (t) => {
    t.deepEqual(await lookUp(bbox1.namespace, 'bbox3'), [])
  })
})

function gateway6(): string {
  const [prefix = ''] = bbox1.endpoint.IPv6Address.split('::')
  return `@${prefix}::1`
}

function addressesIn(said: string): readonly string[] {
  return [...said.matchAll(/\sA\s+([\d.]+)$/gm)].flatMap(
    ([, address]) => address ?? [],
  )
}
