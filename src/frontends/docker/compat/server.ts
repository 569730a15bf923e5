import { chmod } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { once } from 'node:events'
import { errors } from '../../../base/errors.js'
import type { OvertapError } from '../../../base/errors.js'
import { claimSocketFile, socketError } from '../../api/socket-file.js'
import { failureAnswer } from './answer.js'
import { closingHead, readHead, requestOf } from './head.js'
import { networkCall } from './networks.js'
import { maxHeadBytes, NetworkServer, problemOf } from './network-server.js'
import type { NetworkServerOptions } from './network-server.js'
import { tunnel } from './tunnel.js'

export interface CompatServerOptions extends NetworkServerOptions {
  /** Path of the unix socket. */
  readonly socket: string
}

/** By which the socket is given. */
const flag = '--docker-compat-socket'
/** Who may use it may use Docker, and is as good as root. */
const socketMode = 0o660
const maxConnections = 1024
/** For the head of a request to arrive, milliseconds. */
const headTimeoutMs = 60_000
/** For a client to take the answer that Docker is away, milliseconds. */
const farewellMs = 2000

/**
 * Docker's API once more, on which our networks are overlay networks: the
 * commands of Docker's own overlay driver work as they are. What is not about
 * networks is passed on byte by byte, for which no library would do: Docker
 * takes over connections without a word of upgrading (attach, exec), and node's
 * HTTP server does not let go of them.
 */
export class CompatServer {
  readonly #options: CompatServerOptions
  readonly #networks: NetworkServer
  readonly #server: Server
  readonly #clients = new Set<Socket>()

  constructor(options: CompatServerOptions) {
    this.#options = options
    this.#networks = new NetworkServer(options)
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      this.#greet(client)
    })
    this.#server.maxConnections = maxConnections
  }

  /** Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE. */
  async start(): Promise<void> {
    const { socket } = this.#options
    await claimSocketFile(socket, flag)
    try {
      this.#server.listen(socket)
      await once(this.#server, 'listening')
      await chmod(socket, socketMode)
    } catch (error) {
      throw socketError(socket, error, flag)
    }
  }

  /** What is under way is broken off. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const client of this.#clients) client.destroy()
    await closed
  }

  #greet(client: Socket): void {
    this.#clients.add(client)
    client.once('close', () => this.#clients.delete(client))
    client.on('error', () => client.destroy())
    client.setTimeout(headTimeoutMs, () => client.destroy())
    const onEnd = () => client.destroy()
    let bytes = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const isOver = this.#begin(client, bytes)
      if (isOver) client.off('data', onData).off('end', onEnd)
    }
    client.on('data', onData).once('end', onEnd)
  }

  /** Whether so much was enough to know what to do. */
  #begin(client: Socket, bytes: Buffer): boolean {
    const head = readHead(bytes)
    if (!head) {
      if (bytes.length <= maxHeadBytes) return false
      this.#refuse(client, errors.DOCKER_MESSAGE_TOO_LONG(maxHeadBytes))
      return true
    }
    client.pause()
    client.setTimeout(0).removeAllListeners('timeout')
    const request = requestOf(head)
    if (request && networkCall(request.method, request.target)) {
      client.unshift(bytes)
      this.#networks.take(client)
      return true
    }
    const first = request
      ? Buffer.concat([closingHead(head), bytes.subarray(head.end)])
      : bytes
    const { docker } = this.#options
    tunnel(client, first, docker, (error) => {
      this.#refuse(client, errors.DOCKER_UNREACHABLE(docker, problemOf(error)))
    })
    return true
  }

  #refuse(client: Socket, error: OvertapError): void {
    client.end(failureAnswer(error))
    client.resume()
    const timer = setTimeout(() => client.destroy(), farewellMs)
    client.once('close', () => {
      clearTimeout(timer)
    })
  }
}
