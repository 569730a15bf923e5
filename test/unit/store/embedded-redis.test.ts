import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isOvertapError } from '../../../src/base/errors.js'
import { EmbeddedRedis } from '../../../src/store/embedded-redis.js'
import type { RedisListen } from '../../../src/store/embedded-redis-config.js'
import { RedisStore } from '../../../src/store/redis-store.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { freePort, redisServerMissing } from '../../support/redis-server.js'
import { testUnless } from '../../support/test-unless.js'
import { until } from '../../support/until.js'

const real = testUnless.bind(undefined, redisServerMissing)

/** Starts a server in the directory, writes a record and tells its pid. */
const daemonScript = `
  import { EmbeddedRedis } from '${compiled('embedded-redis')}'
  import { RedisStore } from '${compiled('redis-store')}'
  const ignore = () => undefined
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const redis = new EmbeddedRedis({ directory: process.argv[1], logger })
  await redis.start()
  const store = new RedisStore({ url: redis.url, cluster: 'c' })
  await store.connect()
  await store.commit({ puts: [{ key: 'a/1', value: 1 }] })
  process.stdout.write(String(redis.pid))
`

function compiled(module: string): string {
  return new URL(`../../../src/store/${module}.js`, import.meta.url).href
}

async function directoryFor(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'overtap-embedded-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

function embedded(
  t: ExecutionContext,
  directory: string,
  listen?: RedisListen,
) {
  const logger = new RecordingLogger()
  const redis = new EmbeddedRedis({
    directory,
    logger,
    ...(listen && { listen }),
  })
  t.teardown(() => redis.stop())
  return { redis, logger }
}

async function connected(t: ExecutionContext, url: string) {
  const store = new RedisStore({ url, cluster: 'c' })
  t.teardown(() => store.close())
  await store.connect()
  return store
}

real('keeps its data over a stop and a start', async (t) => {
  const directory = join(await directoryFor(t), 'redis')
  const first = embedded(t, directory)
  await first.redis.start()
  t.is((await stat(directory)).mode & 0o777, 0o700)
  t.is((await stat(join(directory, 'redis.conf'))).mode & 0o777, 0o600)
  const store = await connected(t, first.redis.url)
  await store.commit({ puts: [{ key: 'a/1', value: 1 }] })
  const { epoch } = await store.snapshot()
  await first.redis.stop()
  await first.redis.stop()

  const second = embedded(t, directory)
  await second.redis.start()
  const again = await connected(t, second.redis.url)
  t.like(await again.snapshot(), { revision: 1, epoch })
})

real('a server that dies is started again', async (t) => {
  const { redis, logger } = embedded(t, await directoryFor(t))
  await redis.start()
  const store = await connected(t, redis.url)
  await store.commit({ puts: [{ key: 'a/1', value: 1 }] })
  const killed = redis.pid
  t.truthy(killed)
  process.kill(killed ?? 0, 'SIGKILL')
  await until(() => logger.messages('info').length > 0)
  t.not(redis.pid, killed)
  await until(() => store.state === 'connected')
  t.is((await store.snapshot()).revision, 1)
  t.deepEqual(logger.messages('error'), [
    'redis-server ended (SIGKILL); restarting it',
  ])
  t.deepEqual(logger.messages('info'), ['redis-server runs again'])
})

real('what a killed daemon leaves behind is taken over', async (t) => {
  const directory = await directoryFor(t)
  const daemon = spawn(
    process.execPath,
    ['--input-type=module', '--eval', daemonScript, directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  t.teardown(() => daemon.kill('SIGKILL'))
  const [said] = (await once(daemon.stdout, 'data')) as [Buffer]
  const leftover = Number(said)
  t.teardown(() => {
    if (existsSync(`/proc/${leftover}`)) process.kill(leftover, 'SIGKILL')
  })
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  t.true(existsSync(`/proc/${leftover}`), 'redis-server lives on')

  const { redis, logger } = embedded(t, directory)
  await redis.start()
  t.false(existsSync(`/proc/${leftover}`))
  t.deepEqual(logger.messages('warn'), [
    `ending redis-server ${leftover}, left by a killed daemon`,
  ])
  const store = await connected(t, redis.url)
  t.like(await store.snapshot(), { revision: 1, entries: [{ key: 'a/1' }] })
})

real("the terminal's Ctrl-C does not reach it", async (t) => {
  const { redis } = embedded(t, await directoryFor(t))
  await redis.start()
  const stat = readFileSync(`/proc/${redis.pid ?? 0}/stat`, 'utf8')
  const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  t.is(group, String(redis.pid))
})

real('a directory in use is refused', async (t) => {
  const directory = await directoryFor(t)
  const { redis } = embedded(t, directory)
  await redis.start()
  const rival = embedded(t, directory)
  const error = await t.throwsAsync(() => rival.redis.start())
  t.true(isOvertapError(error, 'EMBEDDED_REDIS_IN_USE'), String(error))
  t.true(String(error).includes(`process ${process.pid}`))
  await rival.redis.stop()
  await connected(t, redis.url)
})

real('listens for other hosts when told so', async (t) => {
  const directory = await directoryFor(t)
  const port = await freePort()
  const listen = { address: '127.0.0.1', port, password: 'a "b" \\ &?' }
  const { redis } = embedded(t, directory, listen)
  await redis.start()
  await connected(t, redis.url)
  const password = encodeURIComponent(listen.password)
  await connected(t, `redis://:${password}@127.0.0.1:${port}`)
  await t.throwsAsync(connected(t, `redis://127.0.0.1:${port}`), {
    message: /NOAUTH/,
  })
})

real('what redis-server says is told when it does not start', async (t) => {
  const directory = await directoryFor(t)
  const { redis } = embedded(t, directory, { address: '203.0.113.1', port: 1 })
  const error = await t.throwsAsync(() => redis.start())
  t.true(isOvertapError(error, 'EMBEDDED_REDIS_FAILED'), String(error))
  t.regex(String(error), /203\.0\.113\.1/)
  t.is(redis.pid, undefined)
  const retry = embedded(t, directory)
  await retry.redis.start()
})

test.serial('says which package is missing', async (t) => {
  const path = process.env['PATH']
  t.teardown(() => {
    process.env['PATH'] = path
  })
  process.env['PATH'] = ''
  const { redis } = embedded(t, await directoryFor(t))
  const error = await t.throwsAsync(() => redis.start())
  if (!isOvertapError(error, 'EMBEDDED_REDIS_MISSING')) throw error
  t.regex(error.remedy, /apt-get install redis-server/)
})

test('a path too long for a socket is refused', (t) => {
  const error = t.throws(() => embedded(t, `/${'x'.repeat(100)}`))
  t.true(isOvertapError(error, 'CONFIG_INVALID'), String(error))
  t.regex(error.message, /longer than 107 bytes/)
})
