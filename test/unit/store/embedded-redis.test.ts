import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
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

real('a leftover of a killed daemon is ended first', async (t) => {
  const directory = await directoryFor(t)
  const leftover = spawn(
    'redis-server',
    ['--port', '0', '--unixsocket', 'redis.sock', '--appendonly', 'yes'],
    { cwd: directory, stdio: 'ignore' },
  )
  const ended = once(leftover, 'exit')
  t.teardown(() => leftover.kill('SIGKILL'))
  await until(() => existsSync(join(directory, 'redis.sock')))
  await writeFile(
    join(directory, 'owner.json'),
    JSON.stringify({ pid: process.pid, started: 1 }),
  )
  const { redis, logger } = embedded(t, directory)
  await redis.start()
  await ended
  t.deepEqual(logger.messages('warn'), [
    `ending redis-server ${leftover.pid ?? 0}, left by a killed daemon`,
  ])
  await connected(t, redis.url)
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
