//  Names outside are asked of the host's name servers, and what becomes of them
//  when those fail, change, or may not be asked.
//
//   bbox1, bbox2 (ov_net1)   bbox3 (ov_in, internal)
//     |                        |
//   overtapd @ host2 --- switch --- dns1 (.11)   dns2 (.12)
//     resolv.conf: .11, .12

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Cluster, type Container } from '../lab/cluster.js'
import { eventually } from '../lab/eventually.js'
import type { Host, Namespace } from '../lab/namespace.js'
import type { Program } from '../lab/program.js'
import { reaches } from '../lab/traffic.js'

const script = fileURLToPath(new URL('../lab/name-server.js', import.meta.url))
const answers = { dns1: '203.0.113.1', dns2: '203.0.113.2' } as const

let directory: string
let cluster: Cluster
let bbox1: Container
let bbox2: Container
let bbox3: Container
let host1: Host
let dns1: Program
let dns2: Program

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'overtap-resolv-'))
  await writeResolvConf('192.168.56.11', '192.168.56.12')
  const path = join(directory, 'resolv.conf')
  cluster = await Cluster.start({ flags: ['--resolv-conf', path] })
  const { lab, host2 } = cluster
  host1 = await lab.addHost('dns1', '192.168.56.11')
  dns1 = await serve(host1, answers.dns1)
  dns2 = await serve(await lab.addHost('dns2', '192.168.56.12'), answers.dns2)
  await cluster.createNetwork('ov_net1')
  await cluster.createNetwork('ov_in', '--internal')
  bbox1 = await cluster.addContainer(host2, 'ov_net1', 'bbox1')
  bbox2 = await cluster.addContainer(host2, 'ov_net1', 'bbox2')
  bbox3 = await cluster.addContainer(host2, 'ov_in', 'bbox3')
})

test.after.always(async () => {
  await cluster.stop()
  await rm(directory, { recursive: true, force: true })
})

test.serial('a name outside is asked of the first server', async (t) => {
  t.deepEqual(await dig(bbox1, 'example.com'), {
    rcode: 'NOERROR',
    data: [answers.dns1],
  })
  t.deepEqual(await dig(bbox1, 'single'), {
    rcode: 'NOERROR',
    data: [answers.dns1],
  })
  t.deepEqual((await dig(bbox1, 'bbox2')).data, [bbox2.address])
  t.is((await dig(bbox1, 'nobody.ov_net1')).rcode, 'NXDOMAIN')
  t.is((await dig(bbox1, 'nx.example.com')).rcode, 'NXDOMAIN')
})

test.serial('an answer is told again without asking', async (t) => {
  const { stdout } = await digOutput(bbox2, 'EXAMPLE.com')
  t.regex(stdout, /^;EXAMPLE\.com\.\s+IN\s+A$/m)
  t.regex(stdout, /\s203\.0\.113\.1$/m)
  // Without `nx.example.com`.
  t.is(dns1.output.match(/udp example\.com A$/gim)?.length, 1)
  const { Queries, CachedAnswers } = await status()
  t.like(Queries, { Cached: 1, Failed: 0, Refused: 0 })
  t.is(CachedAnswers, 3)
})

test.serial('a long answer is cut, and whole over TCP', async (t) => {
  const cut = await digOutput(bbox1, 'long.example.com', '+ignore')
  t.regex(cut.stdout, /flags:[^;]* tc[ ;]/)
  t.is((await dig(bbox1, 'long.example.com')).data.length, 60)
})

test.serial('types nobody knows and DNSSEC’s wishes pass', async (t) => {
  const { stdout } = await digOutput(
    bbox1,
    ...['-t', 'TYPE65280', 'unknown.example.com', '+dnssec'],
  )
  t.regex(stdout, /TYPE65280\s+\\# 3 C0FFEE/)
  t.regex(stdout, /EDNS: version: 0, flags: do; udp: 1232/)
})

test.serial('what the first cannot answer the second is asked', async (t) => {
  const { data } = await dig(bbox1, 'servfail.example.com')
  t.deepEqual(data, [answers.dns2])
  t.deepEqual((await dig(bbox1, 'slow.example.com')).data, [answers.dns1])
})

test.serial('a silent server costs a second, and comes last', async (t) => {
  dns1.freeze()
  const started = Date.now()
  for (let i = 0; i < 3; i++) {
    const { data } = await dig(bbox1, `silent${i}.example.com`)
    t.deepEqual(data, [answers.dns2])
  }
  t.true(Date.now() - started >= 3000)
  const { Upstreams } = await status()
  t.like(Upstreams[0], { Server: '192.168.56.11:53', State: 'down' })
  t.like(Upstreams[1], { Server: '192.168.56.12:53', State: 'up' })
  t.deepEqual((await dig(bbox1, 'last.example.com')).data, [answers.dns2])
  t.is((await status()).Upstreams[0]?.Queries, Upstreams[0]?.Queries)
  dns1.thaw()
})

test.serial(
  'with all servers gone the answer is SERVFAIL, at once',
  async (t) => {
    await dns1.stop()
    await dns2.stop()
    const started = Date.now()
    t.is((await dig(bbox1, 'gone.example.com')).rcode, 'SERVFAIL')
    t.true(Date.now() - started < 3000, 'it waited though there was nobody')
    // What is known is still known.
    t.deepEqual((await dig(bbox1, 'bbox2')).data, [bbox2.address])
    t.deepEqual((await dig(bbox1, 'example.com')).data, [answers.dns1])
    const { Upstreams } = await status()
    t.regex(Upstreams[0]?.Problem ?? '', /ECONNREFUSED/)
    dns1 = await serve(host1, answers.dns1)
  },
)

test.serial('the host’s resolv.conf may change while it runs', async (t) => {
  const dns3 = await cluster.lab.addHost('dns3', '192.168.56.13')
  await serve(dns3, '203.0.113.3')
  await writeResolvConf('192.168.56.13')
  await eventually(t, async (t) => {
    t.deepEqual((await dig(bbox1, 'example.com')).data, ['203.0.113.3'])
  })
  await writeResolvConf()
  await eventually(t, async (t) => {
    t.is((await dig(bbox1, 'example.com')).rcode, 'SERVFAIL')
  })
  t.regex((await status()).Problem, /^there is no name server in \//)
  await writeResolvConf('192.168.56.11')
  await eventually(t, async (t) => {
    t.deepEqual((await dig(bbox1, 'example.com')).data, [answers.dns1])
  })
})

test.serial('who is on internal networks only asks nobody', async (t) => {
  const { rcode } = await dig(bbox3, 'secret.example.com')
  t.is(rcode, 'NXDOMAIN')
  t.notRegex(dns1.output, /secret/)
})

test.serial(
  'a flood of questions from one container slows no other',
  async (t) => {
    const gateway = bbox1.address.replace(/\d+$/, '1')
    const flood = bbox1.namespace.start('python3', [
      '-c',
      floodScript,
      gateway,
      'slow.example.com',
    ])
    await flood.line(/flooding/)
    await eventually(t, async (t) => {
      t.true((await status()).Queries.Refused > 0)
    })
    for (let i = 0; i < 5; i++) {
      t.true(await reaches(bbox2.namespace, bbox1.address))
      t.true(await reaches(bbox2.namespace, gateway))
      t.deepEqual((await dig(bbox2, 'bbox1')).data, [bbox1.address])
      t.deepEqual((await dig(bbox2, `n${i}.example.com`)).data, [answers.dns1])
    }
    t.true(flood.running)
    await flood.stop()
  },
)

/** Every question about another name, so that none is known or asked already. */
const floodScript = `
import itertools, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 53))
s.setblocking(False)
print('flooding', flush=True)
for n in itertools.count():
    labels = sys.argv[2].split('.')
    name = b''.join(bytes([len(l)]) + l.encode() for l in labels[:1] + ['n%d' % n] + labels[1:])
    try:
        s.send(struct.pack('>6H', n & 0xffff, 0x0100, 1, 0, 0, 0) + name + b'\\0\\0\\x01\\0\\x01')
        s.recv(512)
    except (BlockingIOError, ConnectionRefusedError):
        pass
`

async function serve(host: Host, answer: string): Promise<Program> {
  const program = host.start(process.execPath, [script, host.address, answer])
  await program.line(/^listening$/)
  return program
}

/** As DHCP clients do: beside the file, and then in its place. */
async function writeResolvConf(...servers: readonly string[]): Promise<void> {
  const path = join(directory, 'resolv.conf')
  const lines = servers.map((server) => `nameserver ${server}\n`)
  await writeFile(`${path}.new`, lines.join(''))
  await rename(`${path}.new`, path)
}

function digOutput({ namespace }: Container, ...args: readonly string[]) {
  return (namespace satisfies Namespace).attempt('dig', [
    ...['+tries=1', '+time=6', ...args],
  ])
}

/** What the container's resolver says about an address of a name. */
async function dig(container: Container, name: string) {
  const { stdout } = await digOutput(container, name)
  const rcode = /status: ([A-Z]+)/.exec(stdout)?.[1] ?? 'no answer'
  const data = [...stdout.matchAll(/^[^;\s]+\s+\d+\s+IN\s+A\s+(\S+)$/gm)]
  return { rcode, data: data.map(([, address = '']) => address) }
}

async function status() {
  const { Dns } = await cluster.host2.ask<StatusResponse>('status')
  return Dns
}
