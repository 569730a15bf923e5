import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { isOvertapError } from '../../../../src/base/errors.js'
import { readConfig } from '../../../../src/frontends/config/read-config.js'

function write(t: ExecutionContext, name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'overtap-config-'))
  t.teardown(() => {
    rmSync(directory, { recursive: true })
  })
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

/** Reads as overtapd does, and keeps what it prints. */
function read(...args: readonly string[]) {
  let printed = ''
  const config = readConfig(args, { write: (text) => (printed += text) })
  return { config, printed }
}

/** `message -> remedy` of everything that is wrong. */
function problems(...args: readonly string[]): string[] {
  try {
    read(...args)
  } catch (error) {
    const all = error instanceof AggregateError ? error.errors : [error]
    return all.map((problem: unknown) => {
      if (!isOvertapError(problem)) throw problem
      return `${problem.message} -> ${problem.remedy}`
    })
  }
  return []
}

/** Variables for the time of one test; such tests are serial. */
function setEnvironment(
  t: ExecutionContext,
  variables: Readonly<Record<string, string>>,
): void {
  Object.assign(process.env, variables)
  t.teardown(() => {
    for (const name of Object.keys(variables)) {
      Reflect.deleteProperty(process.env, name)
    }
  })
}

test('without anything there are defaults', (t) => {
  t.like(read().config, {
    store: undefined,
    cluster: 'default',
    port: 4789,
    state: '/var/lib/overtap',
    socket: '/run/overtap/overtap.sock',
    workers: 1,
    multiqueue: false,
    lease: { ttl: 15_000, renew: 4000 },
    pools: [{ base: '10.0.0.0/8', size: 24 }],
    firstVni: 256,
    log: { level: 'info', format: 'auto' },
  })
})

test('every flag has its place', (t) => {
  const line =
    '--store redis://h:1 --cluster c --host host2 --advertise eth0 --port 4790 --state /s --socket /x.sock --log-level debug'
  t.like(read(...line.split(' ')).config, {
    store: 'redis://h:1',
    cluster: 'c',
    host: 'host2',
    advertise: 'eth0',
    port: 4790,
    state: '/s',
    socket: '/x.sock',
    log: { level: 'debug', format: 'auto' },
  })
})

test.serial('a flag without a value, and its variable with one', (t) => {
  const keep = (...args: readonly string[]) => read(...args).config?.keep
  t.false(keep())
  t.true(keep('--keep'))
  setEnvironment(t, { OVERTAP_KEEP: 'true' })
  t.true(keep())
  setEnvironment(t, { OVERTAP_KEEP: 'false' })
  t.false(keep())
  t.true(keep('--keep'))
})

test.serial('flag > environment > file > default', (t) => {
  const file = write(
    t,
    'c.yaml',
    'port: 1001\ncluster: file\nhost: file\nlog: { level: warn }\n',
  )
  setEnvironment(t, { OVERTAP_PORT: '1002', OVERTAP_CLUSTER: 'environment' })
  t.like(read('--config', file, '--port', '1003').config, {
    port: 1003,
    cluster: 'environment',
    host: 'file',
    log: { level: 'warn', format: 'auto' },
    socket: '/run/overtap/overtap.sock',
  })
})

test.serial('every flag is a variable too', (t) => {
  const file = write(t, 'c.yaml', 'workers: 2')
  setEnvironment(t, {
    OVERTAP_CONFIG: file,
    OVERTAP_STORE: 'redis://h:1',
    OVERTAP_CLUSTER: 'c',
    OVERTAP_HOST: 'host2',
    OVERTAP_ADVERTISE: 'eth0',
    OVERTAP_PORT: '4790',
    OVERTAP_STATE: '/s',
    OVERTAP_SOCKET: '/x.sock',
    OVERTAP_LOG_LEVEL: 'debug',
  })
  t.like(read().config, {
    store: 'redis://h:1',
    cluster: 'c',
    host: 'host2',
    advertise: 'eth0',
    port: 4790,
    state: '/s',
    socket: '/x.sock',
    workers: 2,
    multiqueue: false,
    log: { level: 'debug' },
  })
})

test('a file may be JSON', (t) => {
  const file = write(t, 'c.json', '{"port": 4790, "log": {"format": "json"}}')
  t.like(read('--config', file).config, { port: 4790, log: { format: 'json' } })
})

test('an empty file says nothing', (t) => {
  const file = write(t, 'c.yaml', '# nothing yet\n')
  t.like(read('--config', file).config, { port: 4789 })
})

for (const [flag, value, complaint] of [
  [
    '--port',
    '70000',
    '"70000" is not a port number from 1 to 65535 -> for example: --port 4789',
  ],
  [
    '--port',
    'http',
    '"http" is not a port number from 1 to 65535 -> for example: --port 4789',
  ],
  [
    '--host',
    'a b',
    '"a b" is not a name of 1 to 64 letters, digits, dots, dashes or underscores -> for example: --host host2',
  ],
  [
    '--cluster',
    '',
    '"" is not a name of 1 to 64 letters, digits, dots, dashes or underscores -> for example: --cluster default',
  ],
  [
    '--log-level',
    'loud',
    '"loud" is not one of trace, debug, info, warn, error, fatal -> for example: --log-level info',
  ],
] as const) {
  test(`flag ${flag} "${value}" is refused, and by what name`, (t) => {
    t.deepEqual(problems(flag, value), [
      `configuration: flag ${flag}: ${complaint}`,
    ])
  })
}

test('a store URL is judged by the store, and called by its flag', (t) => {
  const [problem = '', ...more] = problems('--store', 'etcd://h')
  t.deepEqual(more, [])
  t.regex(
    problem,
    /^configuration: flag --store: .*redis:\/\/.* -> for example: redis:\/\//,
  )
})

test.serial('a wrong variable is called by its name', (t) => {
  setEnvironment(t, { OVERTAP_PORT: '0' })
  t.deepEqual(problems(), [
    'configuration: OVERTAP_PORT: "0" is not a port number from 1 to 65535 -> for example: OVERTAP_PORT=4789',
  ])
})

test('all problems are told at once, each with where it came from', (t) => {
  const file = write(
    t,
    'c.yaml',
    [
      'prot: 4789',
      'lease: { ttl: 2000, renew: 1500, rene: 1 }',
      'pools: [{ base: ten, size: 99 }]',
      'firstVni: 0',
      'workers: many',
      'store: redis://:secret@h:99999',
      'xyz: 1',
    ].join('\n'),
  )
  const found = problems('--config', file, '--port', '-1').sort()
  const at = `configuration: ${file}: `
  t.deepEqual(
    found.filter((problem) => !problem.includes('xyz')),
    [
      `${at}firstVni: 0 is not a VNI from 1 to 16777215 -> for example: firstVni: 256`,
      `${at}lease.rene: there is no such setting -> did you mean lease.renew?`,
      `${at}lease.renew: 1500 is not a whole number of milliseconds, at least 200 and at most half of lease.ttl -> for example: lease.renew: 4000`,
      `${at}pools.0.base: "ten" is not an IPv4 range in CIDR notation -> for example: pools.base: 10.0.0.0/8`,
      `${at}pools.0.size: 99 is not a whole number from 8 to 30 -> for example: pools.size: 24`,
      `${at}prot: there is no such setting -> did you mean port?`,
      `${at}store: h:99999: not a host and port -> for example: redis://:password@192.168.56.129:6379`,
      `${at}workers: "many" is not a number of threads from 1 to 64 -> for example: workers: 1`,
      'configuration: flag --port: "-1" is not a port number from 1 to 65535 -> for example: --port 4789',
    ],
  )
  t.regex(
    found.find((problem) => problem.includes('xyz')) ?? '',
    /xyz: there is no such setting -> there are: store, cluster, /,
  )
  t.false(found.join().includes('secret'))
})

test('features to leave alone are listed, as text or as a list', (t) => {
  t.deepEqual(read('--disable', 'udp-gro,udp-join').config?.disable, [
    'udp-gro',
    'udp-join',
  ])
  const file = write(t, 'c.yaml', 'disable: [tunnel-gso]')
  t.deepEqual(read('--config', file).config?.disable, ['tunnel-gso'])
  t.regex(
    problems('--disable', 'udp-gro,warp').join(),
    /"udp-gro,warp" is not a list of tunnel-gso, udp-gso, .* -> for example: --disable tunnel-gso,udp-gro/,
  )
})

test('name servers are listed, as text or as a list, with ports or without', (t) => {
  const servers = ['192.0.2.1', '192.0.2.2:5353', '[2001:db8::1]:53']
  t.deepEqual(read('--dns', servers.join()).config?.dns, servers)
  const file = write(t, 'c.yaml', 'dns: [192.0.2.1]\nresolvConf: /x/y')
  t.like(read('--config', file).config, {
    dns: ['192.0.2.1'],
    resolvConf: '/x/y',
  })
  for (const wrong of [
    'example.com',
    '192.0.2.1:99999',
    '1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4',
  ]) {
    t.regex(
      problems('--dns', wrong).join(),
      /is not a list of at most three servers, each IP or IP:PORT/,
    )
  }
})

test('a section that is none is refused even when a flag fills it', (t) => {
  const file = write(t, 'c.yaml', 'log: loud')
  t.deepEqual(problems('--config', file, '--log-level', 'debug'), [
    `configuration: ${file}: log: "loud" is not a section with level and format -> for example: log: { level: info, format: auto }`,
  ])
})

test('a file that is missing is named', (t) => {
  t.deepEqual(problems('--config', '/nonexistent/c.yaml'), [
    "configuration: cannot read /nonexistent/c.yaml: ENOENT: no such file or directory, open '/nonexistent/c.yaml' -> check that /nonexistent/c.yaml exists and holds YAML or JSON",
  ])
})

test('a file that is no YAML is told with the place', (t) => {
  const file = write(t, 'c.yaml', 'port: 1\nport: 2\n')
  t.deepEqual(problems('--config', file), [
    `configuration: cannot read ${file}: Map keys must be unique at line 2, column 1 -> check that ${file} exists and holds YAML or JSON`,
  ])
})

test('a file with a list in it holds no settings', (t) => {
  const file = write(t, 'c.yaml', '- port: 1')
  t.deepEqual(problems('--config', file), [
    `configuration: cannot read ${file}: expected settings, as in port: 4789 -> check that ${file} exists and holds YAML or JSON`,
  ])
})

test('mistyped flags are refused with the one that was meant', (t) => {
  t.deepEqual(problems('--prot', '1'), [
    "unknown option '--prot' -> did you mean --port? See: overtapd --help",
  ])
  t.deepEqual(problems('--port'), [
    "option '--port <PORT>' argument missing -> see: overtapd --help",
  ])
  t.deepEqual(problems('start'), [
    'too many arguments. Expected 0 arguments but got 1. -> see: overtapd --help',
  ])
})

test('--check-config prints a file that says the same, without the password', (t) => {
  const { config, printed } = read(
    '--check-config',
    '--store',
    'redis://user:s3cret@h:1/0',
    '--port',
    '4790',
  )
  t.is(config, null)
  t.regex(printed, /^store: redis:\/\/user:\*\*\*@h:1\/0$/m)
  t.false(printed.includes('s3cret'))
  t.like(read('--config', write(t, 'c.yaml', printed)).config, { port: 4790 })
})

test('--help and --version are answered', (t) => {
  t.regex(read('--help').printed, /^Usage: overtapd \[options\]/)
  t.regex(read('--help').printed, /OVERTAP_LOG_LEVEL/)
  t.regex(read('--version').printed, /^\d+\.\d+\.\d+\n$/)
})

test('the way outside has ranges of its own, or is off', (t) => {
  t.deepEqual(read().config?.gateway, { subnet: 'auto', subnet6: 'auto' })
  const flags = [
    ...['--gateway-subnet', '10.200.0.0/24'],
    ...['--gateway-subnet6', 'off'],
  ]
  t.deepEqual(read(...flags).config?.gateway, {
    subnet: '10.200.0.0/24',
    subnet6: 'off',
  })
  const wrong = [
    ...['--gateway-subnet', '10.200.0.0/31'],
    ...['--gateway-subnet6', '10.200.0.0/24'],
  ]
  const [one = '', other = ''] = problems(...wrong)
  t.regex(one, /--gateway-subnet: .*IPv4 range of at least \/30, auto or off/)
  t.regex(other, /--gateway-subnet6: .*IPv6 range of at least \/126/)
})
