import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

/** Why tests with a real Redis cannot run here; undefined when they can. */
export const redisServerMissing: string | undefined = spawnSync(
  'redis-server',
  ['--version'],
).error
  ? 'SKIPPED: redis-server is not installed (apt-get install redis-server)'
  : undefined

if (redisServerMissing !== undefined) console.error(redisServerMissing)

/**
 * A real redis-server for one test file or test: on a unix socket in a
 * directory of its own, which `remove` takes away with the process. Its data
 * survive `stop` and `start`.
 */
export class RedisServer {
  readonly #extra: readonly string[]
  #child: ChildProcess | undefined

  private constructor(
    readonly directory: string,
    extra: readonly string[],
  ) {
    this.#extra = extra
  }

  /**
   * `extra` are more command line arguments, as `--requirepass secret`; the
   * first may be a configuration file.
   */
  static async launch(...extra: string[]): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'overtap-redis-'))
    const server = new RedisServer(directory, extra)
    await server.start()
    return server
  }

  get path(): string {
    return join(this.directory, 'redis.sock')
  }

  get url(): string {
    return `unix://${this.path}`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async start(): Promise<void> {
    const config = this.#extra.slice(0, this.#extra[0]?.startsWith('-') ? 0 : 1)
    const defaults = ['--port', '0', '--unixsocket', this.path]
    const files = ['--dir', this.directory, '--appendonly', 'yes', '--save', '']
    const options = this.#extra.slice(config.length)
    this.#child = spawn(
      'redis-server',
      [...config, ...defaults, ...files, ...options],
      { stdio: 'ignore' },
    )
    await untilAnswers(this.path)
  }

  /** Ends the process and waits until it has gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child?.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  /** Stops answering without closing connections, as a lost network does. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Runs one command on a connection of its own. */
  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis({ path: this.path, lazyConnect: true })
    try {
      await client.connect()
      return await client.call(name, ...args)
    } finally {
      client.disconnect()
    }
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL')
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** A TCP port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilAnswers(path: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const client = new Redis({
      path,
      lazyConnect: true,
      retryStrategy: null,
      // It answers, even if it wants a password: that is the test's business.
      enableReadyCheck: false,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(20)
    } finally {
      client.disconnect()
    }
  }
}
