import test from 'ava'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOvertapError } from '../../../src/base/errors.js'
import { parseRedisUrl } from '../../../src/store/redis-url.js'

test('one server', (t) => {
  t.like(parseRedisUrl('redis://store'), {
    kind: 'tcp',
    hosts: [{ host: 'store', port: 6379 }],
    username: undefined,
    password: undefined,
    db: 0,
    tls: undefined,
  })
  t.like(parseRedisUrl('redis://bob:p%40ss@10.0.0.1:7000/3'), {
    hosts: [{ host: '10.0.0.1', port: 7000 }],
    username: 'bob',
    password: 'p@ss',
    db: 3,
  })
  t.like(parseRedisUrl('redis://:secret@[fd00::1]:7000/?db=2'), {
    hosts: [{ host: 'fd00::1', port: 7000 }],
    username: undefined,
    password: 'secret',
    db: 2,
  })
  t.is(parseRedisUrl('redis://:a@b@host').password, 'a@b')
})

test('a unix socket', (t) => {
  t.like(parseRedisUrl('unix:///run/my%20redis.sock?password=x%26y&db=1'), {
    kind: 'unix',
    path: '/run/my redis.sock',
    hosts: [],
    password: 'x&y',
    db: 1,
  })
})

test('Sentinels', (t) => {
  const url = 'redis-sentinel://:p@a:1,b,[::1]:3/main/4?sentinelPassword=s'
  t.like(parseRedisUrl(url), {
    kind: 'sentinel',
    hosts: [
      { host: 'a', port: 1 },
      { host: 'b', port: 26379 },
      { host: '::1', port: 3 },
    ],
    master: 'main',
    password: 'p',
    sentinelPassword: 's',
    db: 4,
  })
})

test('a cluster', (t) => {
  t.like(parseRedisUrl('redis-cluster://a:1,b'), {
    kind: 'cluster',
    hosts: [
      { host: 'a', port: 1 },
      { host: 'b', port: 6379 },
    ],
    db: 0,
  })
})

test('TLS and its files', async (t) => {
  t.deepEqual(parseRedisUrl('rediss://a').tls, {})
  t.deepEqual(parseRedisUrl('rediss-cluster://a').tls, {})
  t.deepEqual(parseRedisUrl('rediss-sentinel://a/m').tls, {})
  const directory = await mkdtemp(join(tmpdir(), 'overtap-url-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const ca = join(directory, 'ca.pem')
  await writeFile(ca, 'PEM')
  t.deepEqual(parseRedisUrl(`rediss://a?ca=${ca}`).tls, {
    ca: Buffer.from('PEM'),
  })
})

test('the description hides passwords', (t) => {
  const shown = (url: string) => parseRedisUrl(url).description
  t.is(shown('redis://bob:secret@a:1/2'), 'redis://bob@a:1/2')
  t.is(shown('redis://:secret@a'), 'redis://a')
  t.is(shown('unix:///r.sock?password=secret'), 'unix:///r.sock')
  t.is(
    shown('rediss-sentinel://:secret@a,b/m?sentinelPassword=secret'),
    'rediss-sentinel://a,b/m',
  )
})

const bad: readonly (readonly [url: string, problem: string])[] = [
  ['', 'expected redis://'],
  ['10.0.0.1:6379', 'expected redis://'],
  ['http://host', 'expected redis://'],
  ['redis://', 'no host'],
  ['redis://:6379', ':6379: not a host and port'],
  ['redis://a:70000', 'a:70000: not a host and port'],
  ['redis://a:x', 'a:x: not a host and port'],
  ['redis://a,b', 'a,b: not a host and port'],
  ['redis://a/name', 'name: not a database number'],
  ['redis://a/1/2', '1/2: not a database number'],
  ['redis://a?x=1', 'unknown parameter x'],
  ['redis://a?ca=/x', 'unknown parameter ca'],
  ['redis://:100%@a', 'a % must be written %25'],
  ['rediss://a?ca=/nowhere/ca.pem', 'cannot read /nowhere/ca.pem'],
  ['unix://redis.sock', 'three slashes'],
  ['redis-sentinel://a:1', 'names the master'],
  ['redis-cluster://a/1', 'only database 0'],
]

for (const [url, problem] of bad) {
  test(`refused: ${url === '' ? '(empty)' : url}`, (t) => {
    const error = t.throws(() => parseRedisUrl(url))
    t.true(isOvertapError(error, 'CONFIG_INVALID'), String(error))
    t.true(error.message.startsWith('configuration: store: '), error.message)
    t.true(error.message.includes(problem), error.message)
  })
}
