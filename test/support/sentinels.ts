import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, RedisServer } from './redis-server.js'
import { until } from './until.js'

const local = ['--bind', '127.0.0.1']

export interface SentinelOptions {
  /** More than half of them must agree. */
  readonly count: number
  readonly downAfterMs: number
}

/** A master, its replica, and Sentinels that watch both. */
export interface Watched {
  readonly master: RedisServer
  readonly replica: RedisServer
  /** For a `RedisStore`. */
  readonly url: string
}

type Cleanup = (task: () => Promise<unknown>) => void

/**
 * Launches them on the loopback; resolves when all know each other and the
 * replica is in step. `cleanup` is given what ends each of them.
 */
export async function launchWatched(
  { count, downAfterMs }: SentinelOptions,
  cleanup: Cleanup,
): Promise<Watched> {
  const launch = async (...extra: string[]) => {
    const server = await RedisServer.launch(...extra)
    cleanup(() => server.remove())
    return server
  }
  const [port, replicaPort] = [await freePort(), await freePort()].map(String)
  const master = await launch('--port', String(port), ...local)
  const source = ['--replicaof', '127.0.0.1', String(port)]
  const replica = await launch(
    ...['--port', String(replicaPort), ...local, ...source],
  )
  await until(async () => (await info(replica)).includes('link_status:up'))
  const ports: number[] = []
  for (let made = 0; made < count; made++) {
    const sentinelPort = await freePort()
    const config = await writeConfig(
      [
        `sentinel monitor main 127.0.0.1 ${port} ${Math.floor(count / 2) + 1}`,
        `sentinel down-after-milliseconds main ${downAfterMs}`,
        'sentinel failover-timeout main 3000',
        'bind 127.0.0.1',
      ],
      cleanup,
    )
    const sentinel = await launch(
      ...[config, '--port', String(sentinelPort), '--sentinel'],
    )
    await until(() => knows(sentinel, 'REPLICAS', `127.0.0.1:${replicaPort}`))
    ports.push(sentinelPort)
    // The others greet each other through the master, every two seconds.
    for (const other of ports.slice(0, -1)) {
      await until(() => knows(sentinel, 'SENTINELS', `,port,${other},`))
    }
  }
  const hosts = ports.map((one) => `127.0.0.1:${one}`).join(',')
  return { master, replica, url: `redis-sentinel://${hosts}/main` }
}

/** What the master has written so far has arrived. */
export async function inStep({ master, replica }: Watched): Promise<void> {
  await until(async () => {
    const [own, its] = [await info(master), await info(replica)]
    return offset(own) === offset(its)
  }, 'the replica to have it all')
}

/** From here on nothing reaches the replica, until it is thawed. */
export async function leaveBehind({ master, replica }: Watched): Promise<void> {
  replica.freeze()
  await master.command('CLIENT', 'KILL', 'TYPE', 'replica')
}

async function writeConfig(
  lines: readonly string[],
  cleanup: Cleanup,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'overtap-sentinel-'))
  cleanup(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'sentinel.conf')
  await writeFile(path, lines.join('\n'))
  return path
}

async function knows(
  sentinel: RedisServer,
  what: string,
  text: string,
): Promise<boolean> {
  const answer = await sentinel.command('SENTINEL', what, 'main')
  return `,${String(answer)},`.includes(text)
}

async function info(server: RedisServer): Promise<string> {
  return String(await server.command('INFO', 'replication'))
}

function offset(replication: string): string | undefined {
  return /master_repl_offset:(\d+)/.exec(replication)?.[1]
}
