//  What containers resolve names with: the C libraries of Debian and of Alpine,
//  busybox. Hosts that are late with their sign of life, a process with a host
//  name of its own.
//
//   bbox1  inner (pid:N)        bbox2 (web)   bbox3 (ov_net2)
//     |      |                    |             |
//   overtapd @ host2            overtapd @ host3
//       (.130) ------ switch ------ (.128)

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { execa } from 'execa'
import { Cluster, connect, type Container } from '../lab/cluster.js'
import { eventually } from '../lab/eventually.js'
import type { Namespace } from '../lab/namespace.js'
import { lookUp } from '../lab/traffic.js'

const source = fileURLToPath(
  new URL('../../../test/lab/getaddrinfo.c', import.meta.url),
)

/** Long enough for a busy machine, and short enough to wait for. */
const lease = { ttl: 2400, renew: 800, dead: 60_000, hold: 60_000 }

let cluster: Cluster
let bbox1: Container
let bbox2: Container
let bbox3: Container
/** Paths of the same program, by the C library in it. */
let programs: { readonly glibc: string; readonly musl: string }

test.before(async () => {
  cluster = await Cluster.start({ settings: { lease } })
  const directory = await cluster.lab.makeDirectory()
  programs = {
    glibc: join(directory, 'glibc'),
    musl: join(directory, 'musl'),
  }
  await Promise.all([
    execa('gcc', ['-o', programs.glibc, source]),
    execa('musl-gcc', ['-static', '-o', programs.musl, source]),
  ])
  const { host2, host3 } = cluster
  await cluster.createNetwork('ov_net1', '--ipv6')
  await cluster.createNetwork('ov_net2')
  bbox1 = await cluster.addContainer(
    ...([host2, 'ov_net1', 'bbox1', '--alias', 'web'] as const),
  )
  bbox2 = await cluster.addContainer(
    ...([host3, 'ov_net1', 'bbox2', '--alias', 'web'] as const),
  )
  bbox3 = await cluster.addContainer(host3, 'ov_net2', 'bbox3')
})

test.after.always(() => cluster.stop())

for (const libc of ['glibc', 'musl'] as const) {
  test.serial(
    `${libc} finds names, and what is behind addresses`,
    async (t) => {
      const from = bbox1.namespace
      const v6 = bbox2.endpoint.IPv6Address.replace(/\/.*/, '')
      for (const name of ['bbox2', 'BBOX2', 'bbox2.ov_net1']) {
        t.deepEqual(
          await resolved(from, libc, name),
          [bbox2.address, v6].sort(),
        )
      }
      for (const address of [bbox2.address, v6]) {
        t.deepEqual(await resolved(from, libc, address), ['bbox2.ov_net1'])
      }
      const started = Date.now()
      t.regex((await resolved(from, libc, 'no.ov_net1')).join(), /not|unknown/i)
      t.true(Date.now() - started < 2000, 'it is told, and does not wait')
    },
  )

  test.serial(`${libc} gets many addresses over TCP`, async (t) => {
    const many = Array.from({ length: 60 }, (_, one) => `192.0.2.${one + 1}`)
    await cluster.host2.ask('dns', 'add', 'ov_net1', `many-${libc}`, ...many)
    const found = await resolved(bbox1.namespace, libc, `many-${libc}`)
    // Before 1.2.4 musl asked over UDP only, and took what it got.
    if (libc === 'glibc') t.deepEqual(found, many.sort())
    else t.true(found.length > 10 && found.every((one) => many.includes(one)))
  })
}

test.serial('busybox finds names, and what is behind addresses', async (t) => {
  const ask = async (name: string) =>
    (await bbox1.namespace.attempt('busybox', ['nslookup', name])).stdout
  t.true((await ask('bbox2')).includes(bbox2.address))
  t.true((await ask('web.ov_net1')).includes(bbox2.address))
  t.regex(await ask(bbox2.address), /name = bbox2\.ov_net1/)
  t.regex(await ask('nobody.ov_net1'), /NXDOMAIN/)
})

test.serial('resolv.conf follows connect and disconnect', async (t) => {
  const { host3 } = cluster
  const { namespace } = bbox3
  const path = `/etc/netns/${namespace.name}/resolv.conf`
  const lines = async () =>
    (await readFile(path, 'utf8'))
      .split('\n')
      .filter((line) => /^[no]/.test(line))
  t.deepEqual(await lines(), ['nameserver 10.0.1.1', 'options ndots:0'])
  const running = converse(namespace, programs.glibc)
  t.teardown(running.end)
  t.false((await running.ask('bbox1')).includes(bbox1.address))

  await connect(host3, 'ov_net1', namespace)
  t.deepEqual(await lines(), [
    ...['nameserver 10.0.1.1', 'nameserver 10.0.0.1', 'options ndots:0'],
  ])
  t.true((await running.ask('bbox1')).includes(bbox1.address))

  await host3.ask('network', 'disconnect', 'ov_net2', namespace.name)
  t.deepEqual(await lines(), ['nameserver 10.0.0.1', 'options ndots:0'])
  t.true(
    (await running.ask('bbox1.ov_net1')).includes(bbox1.address),
    'a running process sees the new file',
  )

  await host3.ask('network', 'disconnect', 'ov_net1', namespace.name)
  await t.throwsAsync(lines, { code: 'ENOENT' })
})

test.serial('a process is found by what it calls itself', async (t) => {
  const namespace = await cluster.lab.addContainer('other')
  const script =
    'echo inner > /proc/sys/kernel/hostname; echo ready; exec sleep 60'
  const program = namespace.start('unshare', ['--uts', 'sh', '-c', script])
  await program.line(/ready/)
  await cluster.host2.ask(
    ...['network', 'connect', '--name', 'outer', 'ov_net1'],
    `pid:${program.pid}`,
  )
  const [address = ''] = await lookUp(bbox1.namespace, 'outer')
  t.regex(address, /^10\.0\.0\./)
  await eventually(t, async (t) => {
    t.deepEqual(await lookUp(bbox2.namespace, 'inner.ov_net1'), [address])
  })
  await program.stop()
})

test.serial('who is on a host that may be gone is left out', async (t) => {
  const { host2, host3 } = cluster
  const web = () => lookUp(bbox1.namespace, 'web')
  t.deepEqual(await web(), [bbox1.address, bbox2.address].sort())
  host3.freeze()
  await eventually(t, async (t) => {
    t.deepEqual(await web(), [bbox1.address])
  })
  t.deepEqual(await lookUp(bbox1.namespace, 'bbox2'), [bbox2.address])
  const { stdout } = await host2.cli('dns', 'lookup', 'web', '--from', 'bbox1')
  t.regex(stdout, /left out: bbox2\.ov_net1, as host3 may be gone/)
  host3.thaw()
  await eventually(t, async (t) => {
    t.deepEqual(await web(), [bbox1.address, bbox2.address].sort())
  })
})

/** What a program gets for a name or an address, sorted. */
async function resolved(
  from: Namespace,
  libc: 'glibc' | 'musl',
  name: string,
): Promise<string[]> {
  const { stdout } = await from.attempt(programs[libc], [name])
  return stdout.split('\n').filter(Boolean).sort()
}

/** A program that goes on running, and answers one line to each. */
function converse(from: Namespace, program: string) {
  const child = execa('ip', ['netns', 'exec', from.name, program], {
    buffer: false,
    reject: false,
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    ask: async (name: string): Promise<string> => {
      child.stdin.write(`${name}\n`)
      const line = await lines.next()
      return line.done === true ? '' : line.value
    },
    end: () => {
      child.stdin.end()
    },
  }
}
