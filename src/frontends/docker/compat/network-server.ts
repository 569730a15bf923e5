import { once } from 'node:events'
import { createServer, request as ask } from 'node:http'
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { errors, isOvertapError } from '../../../base/errors.js'
import type { Logger } from '../../../base/log.js'
import type { UseCases } from '../../../node/use-cases.js'
import { asOvertapError } from '../../api/failure.js'
import { failureBody } from './answer.js'
import {
  asOverlay,
  createBody,
  inspectTarget,
  listTarget,
  networkCall,
  readNetwork,
  readNetworks,
  withRemote,
} from './networks.js'
import type { NetworkCall, ShownNetwork } from './networks.js'

export interface NetworkServerOptions {
  readonly node: {
    readonly networks: Pick<UseCases['networks'], 'inspect'>
    readonly driver: Pick<UseCases['driver'], 'networks'>
  }
  /** Docker's own socket. */
  readonly docker: string
  /** What Docker calls us: `overtap`. */
  readonly driver: string
  readonly log: Logger
}

/** As much as a head may be long in Docker, bytes. */
export const maxHeadBytes = 1024 * 1024
const maxRequestBytes = 1024 * 1024
/** A network with 50 000 containers, or so. */
const maxAnswerBytes = 16 * 1024 * 1024

/** About one connection, and for those on both its ends only (RFC 9110 7.6.1). */
const ofConnection = [
  ...['connection', 'keep-alive', 'content-length', 'transfer-encoding'],
  ...['expect', 'upgrade'],
]

/**
 * Answers the calls about networks that differ: asks Docker, and shows networks
 * of ours as those of its overlay driver. One request a connection.
 */
export class NetworkServer {
  readonly #options: NetworkServerOptions
  readonly #http: Server

  constructor(options: NetworkServerOptions) {
    this.#options = options
    const settings = { maxHeaderSize: maxHeadBytes }
    this.#http = createServer(settings, (request, response) => {
      response.shouldKeepAlive = false
      void this.#answer(request, response)
    })
  }

  /** A connection of which nothing was read that it does not have yet. */
  take(client: Socket): void {
    this.#http.emit('connection', client)
    client.resume()
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { method = '', url = '' } = request
    const call = networkCall(method, url)
    try {
      if (call === 'create') await this.#create(request, response)
      else await this.#show(call, request, response)
    } catch (failure) {
      // The client is gone, or has half of an answer.
      if (response.destroyed || response.headersSent) {
        response.destroy()
        return
      }
      const error = asOvertapError(failure, this.#options.log, { method, url })
      const headers = { 'content-type': 'application/json' }
      response.writeHead(error.status, headers).end(failureBody(error))
    }
  }

  async #create(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const sent = await collect(request, maxRequestBytes)
    const body = createBody(sent, this.#options.driver)
    const answer = await this.#ask(request, response, request.url ?? '', body)
    response.writeHead(answer.statusCode ?? 502, passed(answer.headers))
    await pipeline(answer, response)
  }

  async #show(
    call: NetworkCall | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { url = '' } = request
    const { driver } = this.#options
    const { target, scopes } =
      call === 'list'
        ? listTarget(url, driver)
        : { target: inspectTarget(url), scopes: undefined }
    const answer = await this.#ask(request, response, target)
    const said = await this.#read(answer)
    const body =
      answer.statusCode !== 200
        ? said
        : call === 'list'
          ? this.#list(said, scopes)
          : await this.#network(said)
    response.writeHead(answer.statusCode ?? 502, passed(answer.headers))
    response.end(body)
  }

  #list(said: Buffer, scopes?: readonly string[]): Buffer | string {
    const networks = readNetworks(said)
    if (!networks) return said
    const shown = networks
      .map((network) => asOverlay(network, this.#options.driver))
      .filter(({ Scope }) => scopes?.includes(Scope) ?? true)
    return JSON.stringify(shown)
  }

  async #network(said: Buffer): Promise<Buffer | string> {
    const network = readNetwork(said)
    if (network?.Driver !== this.#options.driver) return said
    const shown = asOverlay(network, this.#options.driver)
    return JSON.stringify(await this.#withRemote(shown))
  }

  /** While the store is away, what Docker here has is still true. */
  async #withRemote(network: ShownNetwork): Promise<ShownNetwork> {
    const { node, log } = this.#options
    const known = node.driver
      .networks()
      .find(({ dockerId }) => dockerId === network.Id)
    if (!known) return network
    try {
      const { endpoints } = await node.networks.inspect(known.network)
      return withRemote(network, endpoints)
    } catch (error) {
      log.debug({ err: error }, 'containers of other hosts are not known')
      return network
    }
  }

  /** DOCKER_UNREACHABLE, DOCKER_MESSAGE_TOO_LONG. */
  async #read(answer: IncomingMessage): Promise<Buffer> {
    try {
      return await collect(answer, maxAnswerBytes)
    } catch (error) {
      if (isOvertapError(error)) throw error
      throw errors.DOCKER_UNREACHABLE(this.#options.docker, problemOf(error))
    }
  }

  /** Resolves with the head of Docker's answer. DOCKER_UNREACHABLE. */
  async #ask(
    { method = '', headers }: IncomingMessage,
    response: ServerResponse,
    path: string,
    body?: Buffer,
  ): Promise<IncomingMessage> {
    const socketPath = this.#options.docker
    const asked = ask({
      ...{ socketPath, method, path, agent: false },
      headers: passed(headers),
    })
    response.once('close', () => asked.destroy())
    asked.end(body)
    try {
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      return answer
    } catch (error) {
      throw errors.DOCKER_UNREACHABLE(socketPath, problemOf(error))
    } finally {
      // What happens after the head is the answer's to tell.
      asked.on('error', () => undefined)
    }
  }
}

export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function passed(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ofConnection.includes(name)),
  )
}

/** DOCKER_MESSAGE_TOO_LONG, at its end: who is cut off reads no answer. */
async function collect(
  message: IncomingMessage,
  limit: number,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= limit) chunks.push(chunk)
  }
  if (length > limit) throw errors.DOCKER_MESSAGE_TOO_LONG(limit)
  return Buffer.concat(chunks)
}
