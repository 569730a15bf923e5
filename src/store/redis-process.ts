import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { errors } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import { openClient } from './redis-client.js'
import { parseRedisUrl } from './redis-url.js'

/** Long enough to load a large append-only file. */
const READY_TIMEOUT_MS = 60_000
const POLL_MS = 25
const STOP_TIMEOUT_MS = 5000
/** Last lines of its log, told when it does not start. */
const KEPT_LINES = 5

function spawn(directory: string, config: string) {
  return execa('redis-server', [config], {
    // In the directory from its first moment on: `processesIn` finds it there.
    cwd: directory,
    // A process group of its own: the terminal's Ctrl-C goes to the daemon,
    // which needs its store until it has stopped everything else.
    detached: true,
    cleanup: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    forceKillAfterDelay: STOP_TIMEOUT_MS,
  })
}

/** One run of redis-server. */
export class RedisProcess {
  readonly #child: ReturnType<typeof spawn>
  readonly #lastLines: string[] = []
  /** Resolves with the reason when it has ended, however it did. */
  readonly ended: Promise<string>

  private constructor(directory: string, config: string, logger: Logger) {
    this.#child = spawn(directory, config)
    createInterface({ input: this.#child.all }).on('line', (line) => {
      this.#lastLines.splice(0, this.#lastLines.length - KEPT_LINES + 1)
      this.#lastLines.push(line)
      logger.debug({}, `redis-server: ${line}`)
    })
    this.ended = this.#child.then((result) => {
      if (result.code === 'ENOENT') return 'not installed'
      return result.signal ?? `exit code ${result.exitCode ?? 'unknown'}`
    })
  }

  /**
   * Resolves when it answers at `url`. Rejects with EMBEDDED_REDIS_MISSING or
   * EMBEDDED_REDIS_FAILED, then it has ended; also when the signal aborts.
   */
  static async launch(
    place: { directory: string; config: string; url: string },
    logger: Logger,
    signal: AbortSignal,
  ): Promise<RedisProcess> {
    const server = new RedisProcess(place.directory, place.config, logger)
    const waiting = new AbortController()
    const stop = AbortSignal.any([signal, waiting.signal])
    try {
      const problem = await Promise.race([
        server.ended,
        untilAnswers(place.url, stop),
      ])
      if (problem !== undefined) throw server.#failure(problem)
      return server
    } catch (error) {
      await server.stop()
      throw error
    } finally {
      waiting.abort()
    }
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** SIGTERM, which writes what is left to disk; SIGKILL 5 s later. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.ended
  }

  #failure(problem: string) {
    if (problem === 'not installed') return errors.EMBEDDED_REDIS_MISSING()
    return errors.EMBEDDED_REDIS_FAILED(
      [problem, ...this.#lastLines].join('\n  '),
    )
  }
}

/** Resolves to undefined, or to the problem when there is no answer in time. */
async function untilAnswers(
  url: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const target = parseRedisUrl(url)
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    try {
      const client = await openClient(target, READY_TIMEOUT_MS, signal)
      client.disconnect()
      return undefined
    } catch (error) {
      if (signal.aborted) return 'stopped'
      if (performance.now() > deadline) return (error as Error).message
      await sleep(POLL_MS)
    }
  }
}
