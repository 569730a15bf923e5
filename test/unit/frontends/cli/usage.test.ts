import test from 'ava'
import { errors } from '../../../../src/base/errors.js'
import { overtap } from './captured.js'

/** Command lines that make no sense: what is said, and what to do. */
const mistakes: readonly (readonly [
  line: string,
  message: string,
  remedy: string,
])[] = [
  ['', 'overtap: which command?', 'see: overtap --help'],
  ['network', 'overtap network: which command?', 'see: overtap network --help'],
  [
    'netwrok ls',
    "unknown command 'netwrok'",
    'did you mean network? See: overtap --help',
  ],
  [
    'network crate x',
    "unknown command 'crate'",
    'did you mean create? See: overtap network --help',
  ],
  [
    'network ls --jsn',
    "unknown option '--jsn'",
    'did you mean --json? See: overtap network ls --help',
  ],
  [
    'network ls x',
    "too many arguments for 'ls'. Expected 0 arguments but got 1.",
    'see: overtap network ls --help',
  ],
  [
    'network create',
    "missing required argument 'NAME'",
    'see: overtap network create --help',
  ],
  [
    'network connect ov_net1',
    "missing required argument 'TARGET'",
    'see: overtap network connect --help',
  ],
  [
    'network rm',
    "missing required argument 'NAME'",
    'see: overtap network rm --help',
  ],
  [
    'network create x --vni',
    "option '--vni <N>' argument missing",
    'see: overtap network create --help',
  ],
  ...['0', '16777216', 'x', '1.5', '-1'].map(
    (vni) =>
      [
        `network create --vni=${vni} x`,
        `option '--vni <N>' argument '${vni}' is invalid. Expected a number from 1 to 16777215.`,
        'see: overtap network create --help',
      ] as const,
  ),
  [
    'network create --label =x n',
    "option '--label <k=v>' argument '=x' is invalid. Expected key=value.",
    'see: overtap network create --help',
  ],
  [
    'network create --gateway 10.9.0.1 n',
    '--gateway 10.9.0.1 is in none of the subnets',
    'give the subnet it is in: --subnet CIDR --gateway 10.9.0.1',
  ],
  [
    'network create --subnet 10.1.0.0/24 --ip-range 10.2.0.0/25 n',
    '--ip-range 10.2.0.0/25 is in none of the subnets',
    'give the subnet it is in: --subnet CIDR --ip-range 10.2.0.0/25',
  ],
  [
    'network create --subnet 10.1.0.0/24 --gateway 10.1.0.1 --gateway 10.1.0.2 n',
    'subnet 10.1.0.0/24 has two of --gateway: 10.1.0.1 and 10.1.0.2',
    'give each subnet one at most',
  ],
  ...(
    [
      [
        '80:',
        'Expected [[ip:][host]:]container[/tcp|udp|sctp], as in 8080:80.',
      ],
      [
        '80:x',
        'Expected [[ip:][host]:]container[/tcp|udp|sctp], as in 8080:80.',
      ],
      [
        '80:80/icmp',
        'Expected [[ip:][host]:]container[/tcp|udp|sctp], as in 8080:80.',
      ],
      ['host:80:80', 'host is not an address.'],
      ['80:0', '0 is not a port or a range of ports from 1 to 65535.'],
      ['65536:1', '65536 is not a port or a range of ports from 1 to 65535.'],
      ['9-8:1-2', '9-8 is not a port or a range of ports from 1 to 65535.'],
      ['1-3:4-5', 'The ranges 1-3 and 4-5 differ in length.'],
    ] as const
  ).map(
    ([publish, reason]) =>
      [
        `network connect -p ${publish} n t`,
        `option '-p, --publish <PUBLISH>' argument '${publish}' is invalid. ${reason}`,
        'see: overtap network connect --help',
      ] as const,
  ),
]

for (const [line, message, remedy] of mistakes) {
  test(`overtap ${line}: ${message}`, async (t) => {
    const args = line === '' ? [] : line.split(' ')
    t.like(await overtap(args), {
      code: 2,
      stdout: '',
      stderr: `overtap: ${message}\n  -> ${remedy}\n`,
    })
  })
}

for (const publish of [
  '80:80',
  '80:80/udp',
  '127.0.0.1:80:80',
  '[::1]:80:80/sctp',
  '8000-8010:80-90/tcp',
  '80',
]) {
  test(`-p ${publish} is accepted`, async (t) => {
    const line = ['network', 'connect', '-p', publish, 'n', 't']
    t.is((await overtap(line)).code, 0)
  })
}

test('with --json a mistake is told in JSON', async (t) => {
  const { code, stdout, stderr } = await overtap(['status', '--json', 'x'])
  t.is(code, 2)
  t.is(stdout, '')
  t.deepEqual(JSON.parse(stderr), {
    code: 'USAGE',
    message: "too many arguments for 'status'. Expected 0 arguments but got 1.",
    remedy: 'see: overtap status --help',
  })
})

for (const [error, code] of [
  [errors.STORE_UNAVAILABLE('connection refused'), 1],
  [errors.INTERNAL('0badcafe'), 1],
  [errors.DAEMON_NOT_RUNNING('/run/overtap/overtap.sock'), 3],
  [errors.DAEMON_UNREACHABLE('/run/overtap/overtap.sock', 'EACCES'), 3],
] as const) {
  test(`${error.code} exits ${code}, with reason and remedy`, async (t) => {
    const result = await overtap(['host', 'ls'], {
      hosts: () => Promise.reject(error),
    })
    t.is(result.code, code)
    t.is(result.stdout, '')
    t.is(result.stderr, `overtap: ${error.message}\n  -> ${error.remedy}\n`)
  })
}

test('a bug is not dressed up as an error of the user', async (t) => {
  const bug = new TypeError('undefined is not a function')
  await t.throwsAsync(
    overtap(['host', 'ls'], { hosts: () => Promise.reject(bug) }),
    { is: bug },
  )
})

test('--socket stands above OVERTAP_SOCKET, and that above the default', async (t) => {
  const env = { OVERTAP_SOCKET: '/env.sock' }
  const line = ['host', 'ls', '--socket', '/flag.sock']
  t.is((await overtap(line, {}, env)).socket, '/flag.sock')
  t.is((await overtap(['host', 'ls'], {}, env)).socket, '/env.sock')
  t.is((await overtap(['host', 'ls'])).socket, '/run/overtap/overtap.sock')
})

for (const line of ['--help', 'help', 'network --help', 'network create -h']) {
  test(`${line} is answered without a daemon`, async (t) => {
    const { code, stdout, socket } = await overtap(line.split(' '))
    t.is(code, 0)
    t.regex(stdout, /^Usage: overtap/)
    t.is(socket, undefined)
  })
}
