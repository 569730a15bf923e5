/** The ways to reach a Redis other than one server in the clear. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ExecutionContext } from 'ava'
import { RedisStore } from '../../src/store/redis-store.js'
import {
  freePort,
  RedisServer,
  redisServerMissing,
} from '../support/redis-server.js'
import { testUnless } from '../support/test-unless.js'
import { until } from '../support/until.js'
import { fails, follow, puts, start } from './store-fixture.js'

const opensslMissing = spawnSync('openssl', ['version']).error
  ? 'SKIPPED: openssl is not installed'
  : undefined

async function launch(t: ExecutionContext, ...extra: string[]) {
  const server = await RedisServer.launch(...extra)
  t.teardown(() => server.remove())
  return server
}

/** Writes and hears of it, which takes calls, scripts and the feed. */
async function works(t: ExecutionContext, url: string): Promise<RedisStore> {
  const store = new RedisStore({ url, cluster: 'c' })
  t.teardown(() => store.close())
  await store.connect()
  const seen = follow(store, await start(store))
  await store.commit({ puts: puts('a/1', 'b/c/2') })
  await store.claimFirst(['a/1', 'a/2'], 1)
  t.is((await seen.take(2)).length, 2)
  t.is((await store.snapshot()).entries.length, 3)
  await seen.end()
  return store
}

testUnless(redisServerMissing, 'a Redis Cluster', async (t) => {
  const port = await freePort()
  const server = await launch(
    t,
    ...['--port', String(port), '--bind', '127.0.0.1'],
    ...['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
    // It learns its address from other nodes, and here there are none.
    ...['--cluster-announce-ip', '127.0.0.1'],
  )
  const slots = Array.from({ length: 16384 }, (_, slot) => String(slot))
  await server.command('CLUSTER', 'ADDSLOTS', ...slots)
  await until(async () =>
    String(await server.command('CLUSTER', 'INFO')).includes(
      'cluster_state:ok',
    ),
  )
  const store = await works(t, `redis-cluster://127.0.0.1:${port}`)
  await server.stop()
  await until(() => store.state === 'reconnecting')
  await server.start()
  await until(() => store.state === 'connected')
  await until(() =>
    store.snapshot().then(
      ({ revision }) => revision === 2,
      () => false,
    ),
  )
})

testUnless(redisServerMissing, 'a master found through Sentinel', async (t) => {
  const [port, sentinelPort] = [await freePort(), await freePort()]
  await launch(t, '--port', String(port), '--bind', '127.0.0.1')
  const directory = await mkdtemp(join(tmpdir(), 'overtap-sentinel-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const config = join(directory, 'sentinel.conf')
  await writeFile(
    config,
    `sentinel monitor main 127.0.0.1 ${port} 1\nbind 127.0.0.1\n`,
  )
  await launch(t, config, '--port', String(sentinelPort), '--sentinel')
  const url = (master: string) =>
    `redis-sentinel://127.0.0.1:${sentinelPort}/${master}`
  await works(t, url('main'))
  await fails(t, 'STORE_UNAVAILABLE', 'No such master', () =>
    new RedisStore({ url: url('other'), cluster: 'c' }).connect(),
  )
})

testUnless(redisServerMissing ?? opensslMissing, 'TLS', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'overtap-tls-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-nodes', '-days', '2'],
    ...['-pkeyopt', 'ec_paramgen_curve:prime256v1', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ])
  const [port, plain] = [await freePort(), await freePort()]
  await launch(
    t,
    ...['--tls-port', String(port), '--port', String(plain)],
    ...['--bind', '127.0.0.1', '--tls-cert-file', cert],
    ...['--tls-key-file', key, '--tls-ca-cert-file', cert],
  )
  const files = `ca=${cert}&cert=${cert}&key=${key}`
  await works(t, `rediss://127.0.0.1:${port}?${files}`)
  const refused = (url: string, text: string) =>
    fails(t, 'STORE_UNAVAILABLE', text, () =>
      new RedisStore({ url, cluster: 'c' }).connect(),
    )
  await refused(`rediss://127.0.0.1:${port}`, 'self-signed certificate')
  await refused(`rediss://127.0.0.1:${plain}?${files}`, '')
})
