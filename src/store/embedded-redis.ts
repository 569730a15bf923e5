import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../base/log.js'
import { backoff } from '../base/backoff.js'
import { ownDirectory } from './directory-owner.js'
import {
  redisConfig,
  redisFiles,
  redisUrl,
  type RedisFiles,
  type RedisListen,
} from './embedded-redis-config.js'
import { processesIn, processStart } from './process-table.js'
import { RedisProcess } from './redis-process.js'

/** One that has run this long was healthy: its end is not part of a series. */
const HEALTHY_MS = 10_000
const LEFTOVER_TIMEOUT_MS = 10_000

export interface EmbeddedRedisOptions {
  /** Private to it; made when missing. Its data stay there. */
  readonly directory: string
  readonly logger: Logger
  /** Also a TCP address; by default there is only a unix socket. */
  readonly listen?: RedisListen
}

/**
 * The store of a daemon that was given none: a redis-server child with
 * append-only persistence, started again when it dies. A server that a killed
 * daemon has left behind is ended first, and its data taken over.
 */
export class EmbeddedRedis {
  readonly url: string
  readonly #files: RedisFiles
  readonly #logger: Logger
  readonly #listen: RedisListen | undefined
  readonly #stopping = new AbortController()
  #server: RedisProcess | undefined
  #supervising = Promise.resolve()
  #release: () => Promise<void> = () => Promise.resolve()

  /** Throws CONFIG_INVALID for a directory too deep for a unix socket. */
  constructor({ directory, logger, listen }: EmbeddedRedisOptions) {
    this.#files = redisFiles(directory)
    this.#logger = logger
    this.#listen = listen
    this.url = redisUrl(this.#files, listen)
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#server?.pid
  }

  /**
   * Resolves when it answers. Rejects with EMBEDDED_REDIS_MISSING,
   * EMBEDDED_REDIS_FAILED or EMBEDDED_REDIS_IN_USE; then nothing is left.
   */
  async start(): Promise<void> {
    const { directory, config } = this.#files
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await chmod(directory, 0o700)
    this.#release = await ownDirectory(directory)
    try {
      await this.#endLeftovers()
      const text = redisConfig(this.#files, this.#listen)
      await writeFile(config, text, { mode: 0o600 })
      this.#server = await this.#launch()
    } catch (error) {
      await this.#release()
      throw error
    }
    this.#supervising = this.#supervise(this.#server)
  }

  /** Resolves when the server has written everything and ended; idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#server?.stop()
    await this.#supervising
    await this.#release()
  }

  #launch(): Promise<RedisProcess> {
    const place = { ...this.#files, url: this.url }
    return RedisProcess.launch(place, this.#logger, this.#stopping.signal)
  }

  async #supervise(first: RedisProcess): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    for (let server = first; ;) {
      const started = performance.now()
      const reason = await server.ended
      if (signal.aborted) return
      if (performance.now() - started > HEALTHY_MS) failures = 0
      this.#logger.error({}, `redis-server ended (${reason}); restarting it`)
      const next = await this.#restart(failures++)
      if (!next) return
      server = next
    }
  }

  /** Undefined when stopped meanwhile. */
  async #restart(failures: number): Promise<RedisProcess | undefined> {
    const { signal } = this.#stopping
    for (let attempt = failures; ; attempt++) {
      await backoff(attempt, signal)
      if (signal.aborted) return undefined
      try {
        const server = await this.#launch()
        this.#server = server
        this.#logger.info({}, 'redis-server runs again')
        return server
      } catch (error) {
        this.#logger.debug({ err: error }, 'redis-server did not restart')
      }
    }
  }

  /**
   * Two servers appending to one file would destroy it. The daemon that was the
   * leftover's parent is gone: `ownDirectory` has made sure of it.
   */
  async #endLeftovers(): Promise<void> {
    const { directory } = this.#files
    for (const pid of await processesIn(directory, 'redis-server')) {
      this.#logger.warn(
        {},
        `ending redis-server ${pid}, left by a killed daemon`,
      )
      await endProcess(pid)
    }
  }
}

async function endProcess(pid: number): Promise<void> {
  const started = await processStart(pid)
  const alive = async () => (await processStart(pid)) === started
  const deadline = performance.now() + LEFTOVER_TIMEOUT_MS
  kill(pid, 'SIGTERM')
  while (started !== undefined && (await alive())) {
    if (performance.now() > deadline) kill(pid, 'SIGKILL')
    await sleep(20)
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It may have ended in this moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
