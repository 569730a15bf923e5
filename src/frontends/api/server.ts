import { setMaxListeners } from 'node:events'
import { chmod } from 'node:fs/promises'
import { fastify } from 'fastify'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { errors } from '../../base/errors.js'
import type { OvertapError } from '../../base/errors.js'
import type { Logger } from '../../base/log.js'
import type { UseCases } from '../../node/use-cases.js'
import type { DockerStatus } from '../docker/agent/agent.js'
import { asOvertapError } from './failure.js'
import { routes } from './routes.js'
import type { Route } from './route.js'
import type { ErrorResponse } from './schema.js'
import { claimSocketFile, socketError } from './socket-file.js'

export interface ApiServerOptions {
  readonly node: UseCases
  /** How the connection to Docker is; undefined when there is to be none. */
  readonly docker?: () => DockerStatus | undefined
  /** Path of the unix socket. */
  readonly socket: string
  readonly log: Logger
  /** How long `stop` waits for answers under way, milliseconds. */
  readonly graceMs?: number
}

/** Requests are small: names, addresses, labels. */
const bodyLimitBytes = 1024 * 1024
/** Names of networks, percent-decoded. */
const maxReferenceLength = 1024
/** Root and the group of the socket may use the API, as with docker.sock. */
const socketMode = 0o660

/** The HTTP API of a daemon, on a unix socket. */
export class ApiServer {
  readonly #app: FastifyInstance
  readonly #options: ApiServerOptions
  readonly #closing = new AbortController()

  constructor(options: ApiServerOptions) {
    this.#options = options
    setMaxListeners(0, this.#closing.signal) // one per open stream
    this.#app = fastify({
      bodyLimit: bodyLimitBytes,
      routerOptions: { maxParamLength: maxReferenceLength },
      forceCloseConnections: 'idle',
    })
    this.#app.setNotFoundHandler(({ method, url }, reply) =>
      refuse(reply, errors.ROUTE_UNKNOWN(method, url)),
    )
    this.#app.setErrorHandler((error, { method, url }, reply) =>
      refuse(reply, asOvertapError(error, options.log, { method, url })),
    )
    const { node, docker } = options
    for (const route of routes(node, docker)) this.#add(route)
  }

  /** Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE. */
  async start(): Promise<void> {
    const { socket } = this.#options
    await claimSocketFile(socket)
    try {
      await this.#app.listen({ path: socket })
      await chmod(socket, socketMode)
    } catch (error) {
      throw socketError(socket, error)
    }
  }

  /** Lets answers under way finish, but not for ever; removes the socket. */
  async stop(): Promise<void> {
    const { graceMs = 2000 } = this.#options
    this.#closing.abort()
    const deadline = setTimeout(() => {
      this.#app.server.closeAllConnections()
    }, graceMs)
    try {
      await this.#app.close()
    } finally {
      clearTimeout(deadline)
    }
  }

  #add({ method, url, status = 200, contentType, answer }: Route): void {
    const { signal: closing } = this.#closing
    this.#app.route({
      method,
      url,
      handler: async (request, reply) => {
        const { query, body } = request
        const params = request.params as Record<string, string>
        const result = await answer({ params, query, body, closing })
        // A connection that streamed is not used again.
        if (contentType !== undefined) {
          reply.type(contentType).header('connection', 'close')
        }
        return reply.code(status).send(result)
      },
    })
  }
}

function refuse(reply: FastifyReply, error: OvertapError): FastifyReply {
  const { code, message, remedy, details, status } = error
  const body: ErrorResponse = {
    code,
    message,
    remedy,
    ...(details !== undefined && { details }),
  }
  return reply.code(status).send(body)
}
