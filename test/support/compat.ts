import { once } from 'node:events'
import { Agent, createServer, request as ask } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createConnection, createServer as createRawServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'
import { errors } from '../../src/base/errors.js'
import { CompatServer } from '../../src/frontends/docker/compat/server.js'
import type { NetworkView } from '../../src/node/use-cases.js'
import type { Endpoint, Network } from '../../src/store/records.js'
import { RecordingLogger } from './recording-logger.js'
import { temporaryDirectory } from './temporary-directory.js'

/** What the daemon knows of a network of Docker. */
export interface Known {
  readonly dockerId: string
  readonly endpoints: readonly Endpoint[] | 'store away'
}

/** The compatibility socket in front of something that stands for Docker. */
export class CompatWorld {
  readonly known: Known[] = []
  readonly #agents: Agent[] = []

  private constructor(
    readonly socket: string,
    readonly docker: string,
    readonly server: CompatServer,
  ) {}

  /** Docker answers HTTP. */
  static async withHttp(
    t: ExecutionContext,
    answer: RequestListener,
  ): Promise<CompatWorld> {
    const server = createServer(answer)
    const world = await CompatWorld.#start(t, server)
    t.teardown(() => {
      server.closeAllConnections()
    })
    return world
  }

  /** Docker has each connection to itself. */
  static withRaw(
    t: ExecutionContext,
    talk: (connection: Socket) => void,
  ): Promise<CompatWorld> {
    const server = createRawServer({ allowHalfOpen: true }, (connection) => {
      connection.on('error', () => undefined)
      t.teardown(() => connection.destroy())
      talk(connection)
    })
    return CompatWorld.#start(t, server)
  }

  static withoutDocker(t: ExecutionContext): Promise<CompatWorld> {
    return CompatWorld.#start(t, undefined)
  }

  static async #start(
    t: ExecutionContext,
    fake: Server | undefined,
  ): Promise<CompatWorld> {
    const directory = await temporaryDirectory(t)
    const socket = join(directory, 'compat.sock')
    const docker = join(directory, 'docker.sock')
    const server: CompatServer = new CompatServer({
      ...{ socket, docker, driver: 'overtap', log: new RecordingLogger() },
      node: {
        driver: { networks: () => world.#networks() },
        networks: { inspect: (id) => world.#inspect(id) },
      },
    })
    const world: CompatWorld = new CompatWorld(socket, docker, server)
    if (fake) {
      fake.listen(docker)
      await once(fake, 'listening')
    }
    await server.start()
    t.teardown(async () => {
      for (const agent of world.#agents) agent.destroy()
      await server.stop()
      fake?.close()
    })
    return world
  }

  /** One that keeps connections, when it may. */
  agent(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    this.#agents.push(agent)
    return agent
  }

  /** Asks and reads the whole answer. */
  async ask(
    method: string,
    path: string,
    body?: string | Buffer,
    agent?: Agent,
  ): Promise<Answer> {
    const asked = ask({
      ...{ socketPath: this.socket, method, path, agent: agent ?? false },
    })
    asked.end(body)
    // Who does not want all of a body says so.
    asked.on('error', () => undefined)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    const content = await text(answer)
    return { status: answer.statusCode ?? 0, content, headers: answer.headers }
  }

  /** A connection to do with what a test wants. */
  connect(t: ExecutionContext): Socket {
    const path = this.socket
    const client = createConnection({ path, allowHalfOpen: true })
    client.on('error', () => undefined)
    t.teardown(() => client.destroy())
    return client
  }

  #networks() {
    return this.known.map(({ dockerId }) => ({
      ...{ dockerId, network: `cluster-${dockerId}`, isUnnamed: false },
    }))
  }

  #inspect(id: string): Promise<NetworkView> {
    const found = this.known.find(
      ({ dockerId }) => id === `cluster-${dockerId}`,
    )
    const endpoints = found?.endpoints ?? []
    if (endpoints === 'store away') {
      return Promise.reject(errors.NETWORK_NOT_FOUND(id))
    }
    const network = { id } as Network
    return Promise.resolve({ network, endpoints })
  }
}

export interface Answer {
  readonly status: number
  readonly content: string
  readonly headers: IncomingMessage['headers']
}

/** Resolves once what a connection brought contains `part`. */
export async function heard(connection: Socket, part: string): Promise<string> {
  let all = ''
  for await (const chunk of connection.iterator({ destroyOnReturn: false })) {
    all += String(chunk)
    if (all.includes(part)) return all
  }
  throw new Error(`it ended without ${part}: ${all}`)
}
