//  What a person can get wrong, on the real command and the real daemon: the
//  message says what is wrong, the line after it what to do.
//
//   bbox1 (ov_net1)
//     |
//   overtapd @ host2
//       (.130) --- switch

import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { execa } from 'execa'
import { connect, createNetwork } from '../lab/cluster.js'
import { Daemon } from '../lab/daemon.js'
import { Lab } from '../lab/lab.js'

const overtapd = fileURLToPath(
  new URL('../../src/bin/overtapd.js', import.meta.url),
)
let lab: Lab
let daemon: Daemon
/** The namespace of bbox1, and one that is on no network. */
let member: string
let free: string

test.before(async () => {
  lab = await Lab.create()
  daemon = await Daemon.start(lab, await lab.addHost('host2', '192.168.56.130'))
  await createNetwork(daemon, 'ov_net1')
  const bbox1 = await connect(
    daemon,
    'ov_net1',
    await lab.addContainer('bbox1'),
  )
  member = bbox1.namespace.name
  free = (await lab.addContainer('free')).name
})

test.after.always(() => lab.destroy())

/** A command line, its exit code and what it complains of. */
const mistakes: readonly (readonly [string, number, RegExp])[] = [
  ['network crate x', 2, /unknown command 'crate'/],
  ['network create', 2, /missing required argument/],
  ['network create --vni 0 x', 2, /vni/i],
  ['network create --vni 16777216 x', 2, /vni/i],
  ['network create --opt overtap.port-security x', 1, /port-security/],
  ['network create --prot x y', 2, /unknown option '--prot'/],
  ['network create --gateway 10.1.0.1 x', 2, /gateway/],
  ['network create .x', 1, /invalid network name: \.x/],
  ['network create ov_net1', 1, /name ov_net1 already exists/],
  ['network create --vni 256 x', 1, /256/],
  ['network create --subnet 10.1.0.0/33 x', 1, /10\.1\.0\.0\/33/],
  ['network create --subnet 10.0.0.0/25 x', 1, /[Pp]ool overlaps/],
  ['network create --subnet 192.168.56.0/24 x', 1, /192\.168\.56\.0\/24/],
  [
    'network create --subnet 10.1.0.0/24 --gateway 10.2.0.1 x',
    2,
    /10\.2\.0\.1/,
  ],
  [
    'network create --subnet 10.1.0.0/24 --ip-range 10.2.0.0/25 x',
    2,
    /10\.2\.0\.0\/25/,
  ],
  ['network create --opt overtap.peers=nobody x', 1, /overtap\.peers/],
  [
    'network create --opt overtap.port-security=maybe x',
    1,
    /overtap\.port-security/,
  ],
  ['network inspect nosuch', 1, /network nosuch not found/],
  ['network rm nosuch', 1, /network nosuch not found/],
  ['network connect nosuch FREE', 1, /network nosuch not found/],
  ['network connect ov_net1 nosuchns', 1, /nosuchns/],
  ['network connect ov_net1 pid:0', 1, /pid:0/],
  ['network connect ov_net1 /etc/hostname', 1, /\/etc\/hostname/],
  ['network connect ov_net1 MEMBER', 1, /already/],
  [
    'network connect --ip 10.0.0.2 ov_net1 FREE',
    1,
    /already in use: 10\.0\.0\.2/,
  ],
  ['network connect --ip 10.9.9.9 ov_net1 FREE', 1, /10\.9\.9\.9/],
  ['network connect --ip 10.0.0.1 ov_net1 FREE', 1, /10\.0\.0\.1/],
  ['network connect --interface lo ov_net1 FREE', 1, /\blo\b/],
  [
    'network connect --interface waytoolongname00 ov_net1 FREE',
    1,
    /interface/i,
  ],
  ['network connect -p banana ov_net1 FREE', 2, /banana/],
  ['network disconnect ov_net1 FREE', 1, /not connected/],
  ['fdb show nosuch', 1, /network nosuch not found/],
]

for (const [line, exitCode, message] of mistakes) {
  test.serial(`overtap ${line}`, async (t) => {
    const args = line.replace('MEMBER', member).replace('FREE', free).split(' ')
    const { code, stdout, stderr } = await daemon.cli(...args)

    t.is(code, exitCode, stderr)
    t.is(stdout, '')
    t.regex(stderr, message)
    t.regex(stderr, /^overtap: .+\n +-> .+/)
    t.notRegex(stderr, /^ +at /m)
  })
}

test.serial('nothing of all that was left behind', async (t) => {
  const networks = await daemon.ask<{ Name: string }[]>('network', 'ls')
  t.deepEqual(
    networks.map(({ Name }) => Name),
    ['ov_net1'],
  )
  const endpoints = await daemon.ask<unknown[]>('endpoint', 'ls')
  t.is(endpoints.length, 1)
})

test.serial('programs get errors as JSON', async (t) => {
  const { code, stderr } = await daemon.cli(
    ...['network', 'rm', 'nosuch', '--json'],
  )
  t.is(code, 1)
  t.like(JSON.parse(stderr), { code: 'NETWORK_NOT_FOUND' })
})

test.serial('without a daemon, the command says so', async (t) => {
  const { code, stderr } = await daemon.cli(
    ...['--socket', '/nonexistent/overtap.sock', 'status'],
  )
  t.is(code, 3)
  t.regex(stderr, /not running at \/nonexistent\/overtap\.sock/)
})

/** Flags, a config file's text, the complaint. */
const configurations: readonly (readonly [
  readonly string[],
  string | null,
  RegExp,
])[] = [
  [['--prot', '1'], null, /unknown option '--prot'/],
  [['--port', '70000'], null, /--port.*70000/],
  [['--host', 'a b'], null, /--host/],
  [['--cluster', ''], null, /--cluster/],
  [[], 'port: banana', /port.*banana/],
  [[], 'prot: 1', /prot: there is no such setting/],
  [[], 'port: [', /cannot read/],
  [[], 'lease: { ttl: 3 }', /lease\.ttl/],
  [['--config', '/nonexistent.yaml'], null, /cannot read \/nonexistent\.yaml/],
]

for (const [flags, text, message] of configurations) {
  const title = [...flags, ...(text === null ? [] : [`file "${text}"`])]
  test.serial(`overtapd --check-config ${title.join(' ')}`, async (t) => {
    const file = join(await lab.makeDirectory(), 'overtap.yaml')
    if (text !== null) await writeFile(file, text)
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [
        ...[overtapd, '--check-config', ...flags],
        ...(text === null ? [] : ['--config', file]),
      ],
      { reject: false },
    )

    t.not(exitCode, 0)
    t.is(stdout, '')
    t.regex(stderr, message)
    t.regex(stderr, / +-> .+/)
    t.notRegex(stderr, /^ +at /m)
  })
}

test.serial('overtapd --check-config with nothing wrong', async (t) => {
  const { exitCode, stdout } = await execa(process.execPath, [
    ...[overtapd, '--check-config', '--port', '4790'],
  ])
  t.is(exitCode, 0)
  t.regex(stdout, /port: 4790/)
})
