import { chmod } from 'node:fs/promises'
import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { errors, isOvertapError } from '../../../base/errors.js'
import type { Logger } from '../../../base/log.js'
import type { UseCases } from '../../../node/use-cases.js'
import { claimSocketFile, socketError } from '../../api/socket-file.js'
import { asPluginError, pluginFailure } from './failure.js'
import { Gate } from './gate.js'
import { methods } from './methods.js'
import type { Methods } from './method.js'

export interface PluginServerOptions {
  readonly node: Pick<UseCases, 'driver'>
  /** Path of the unix socket. */
  readonly socket: string
  readonly log: Logger
  /** How long a call waits for the daemon to be ready, milliseconds. */
  readonly patienceMs?: number
  readonly methods?: Methods
}

/** By which the socket is given. */
const flag = '--docker-plugin-socket'
const bodyLimitBytes = 1024 * 1024
/** dockerd is root. */
const socketMode = 0o600
/** For a whole request to arrive, milliseconds. */
const requestTimeoutMs = 10_000
/** Docker gives up after about thirty seconds of trying. */
const defaultPatienceMs = 10_000
/** For calls under way when the daemon stops, milliseconds. */
const graceMs = 5000

/** `application/vnd.docker.plugins.v1.2+json`, of the protocol. */
const contentType = 'application/vnd.docker.plugins.v1.2+json'

/**
 * Docker's network and IPAM driver on a unix socket (moby docs/extend
 * plugin_api). What is fixed it answers at once, also while the daemon starts:
 * dockerd waits for it. It never calls Docker, which would wait for itself.
 */
export class PluginServer {
  readonly #app: FastifyInstance
  readonly #options: PluginServerOptions
  readonly #gate: Gate

  constructor(options: PluginServerOptions) {
    this.#options = options
    this.#gate = new Gate(options.patienceMs ?? defaultPatienceMs)
    this.#app = fastify({
      bodyLimit: bodyLimitBytes,
      requestTimeout: requestTimeoutMs,
      forceCloseConnections: true,
    })
    // Docker says what it sends in various ways, or not at all.
    this.#app.removeAllContentTypeParsers()
    this.#app.addContentTypeParser(
      '*',
      { parseAs: 'string' },
      (_, body, done) => {
        done(null, body)
      },
    )
    this.#answer()
  }

  /** Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE. */
  async start(): Promise<void> {
    const { socket } = this.#options
    await claimSocketFile(socket, flag)
    try {
      await this.#app.listen({ path: socket })
      await chmod(socket, socketMode)
    } catch (error) {
      throw socketError(socket, error, flag)
    }
  }

  /** The daemon is ready: from now on every call is acted upon. */
  admit(): void {
    this.#gate.open()
  }

  /** It is about to stop. Resolves when no call is under way, or has been for long. */
  dismiss(): Promise<void> {
    return this.#gate.close(graceMs)
  }

  async stop(): Promise<void> {
    await this.#app.close()
  }

  #answer(): void {
    this.#app.setNotFoundHandler(({ url }, reply) =>
      reply
        .code(404)
        .type(contentType)
        .send(pluginFailure(errors.DOCKER_METHOD_UNKNOWN(url))),
    )
    this.#app.setErrorHandler((error, { url }, reply) =>
      reply
        .code(200)
        .type(contentType)
        .send(JSON.stringify(this.#failure(error, url.slice(1)))),
    )
    const all = this.#options.methods ?? methods
    for (const name of Object.keys(all)) {
      this.#app.post(`/${name}`, async ({ body }, reply) => {
        const answer = await this.#call(all, name, body)
        return reply.type(contentType).send(JSON.stringify(answer))
      })
    }
  }

  async #call(all: Methods, name: string, body: unknown): Promise<object> {
    const { node } = this.#options
    const method = all[name]
    if (method === undefined) throw errors.DOCKER_METHOD_UNKNOWN(name)
    const answer = () => method.answer(node.driver, read(name, body))
    return method.isFixed ? answer() : this.#gate.pass(answer)
  }

  /** 200, with what went wrong in it: else Docker tells less of it. */
  #failure(failure: unknown, name: string) {
    const { log } = this.#options
    const error = asPluginError(failure, log, name)
    const { message } = error
    if (!isOvertapError(error, 'INTERNAL')) {
      log.warn({ reason: message }, `Docker's ${name} is refused`)
    }
    return pluginFailure(error)
  }
}

/** Nothing at all is an empty request. */
function read(name: string, body: unknown): unknown {
  if (typeof body !== 'string' || body.trim() === '') return {}
  try {
    return JSON.parse(body)
  } catch {
    throw errors.DOCKER_REQUEST_INVALID(name, 'what was sent is no JSON')
  }
}
