import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { linesOf } from '../../api/lines.js'
import { SocketHttp } from '../../api/socket-http.js'
import type { HttpRequest } from '../../api/socket-http.js'
import {
  containerSchema,
  containerSummarySchema,
  createdSchema,
  eventSchema,
  networkSchema,
  versionSchema,
} from './schema.js'
import type {
  ContainerSummary,
  CreateNetworkBody,
  DockerContainer,
  DockerEvent,
  DockerNetwork,
} from './schema.js'

/** Docker refused, or could not be asked. */
export class DockerError extends Error {
  constructor(
    message: string,
    /** Of HTTP; 0 when there was no answer. */
    readonly status: number,
  ) {
    super(message)
    this.name = 'DockerError'
  }
}

/** What the agent asks of Docker. Everything rejects with a DockerError. */
export interface DockerApi {
  /** Docker's own version: `20.10.24`. */
  version(): Promise<string>
  /** Those of one driver. */
  networks(driver: string): Promise<readonly DockerNetwork[]>
  /** Resolves to its id. Status 409: there is one of that name. */
  createNetwork(body: CreateNetworkBody): Promise<string>
  /** Status 403: containers are on it. */
  removeNetwork(id: string): Promise<void>
  /** Those that run. */
  containers(): Promise<readonly ContainerSummary[]>
  container(id: string): Promise<DockerContainer>
  /**
   * Of networks and containers, from that moment on, which may be a little in
   * the past; ends with the connection.
   */
  events(sinceMs: number, signal: AbortSignal): AsyncIterable<DockerEvent>
  /** Ends what is under way, and refuses what comes. */
  close(): void
}

/** The longest silence; creating a network calls the driver, us. */
const answerTimeoutMs = 60_000

/**
 * Docker on its unix socket. Paths have no version: Docker then takes its own,
 * and a version that is old today may be refused by a later Docker.
 */
export class DockerSocket implements DockerApi {
  readonly #http: SocketHttp
  readonly #socket: string
  #isClosed = false

  constructor(socket: string) {
    this.#socket = socket
    this.#http = new SocketHttp(socket, 'docker')
  }

  async version(): Promise<string> {
    return (await this.#ask(versionSchema, 'GET', '/version')).Version
  }

  networks(driver: string): Promise<DockerNetwork[]> {
    const path = `/networks?${filters({ driver: [driver] })}`
    return this.#ask(z.array(networkSchema), 'GET', path)
  }

  async createNetwork(body: CreateNetworkBody): Promise<string> {
    const path = '/networks/create'
    return (await this.#ask(createdSchema, 'POST', path, body)).Id
  }

  async removeNetwork(id: string): Promise<void> {
    await this.#ask(z.unknown(), 'DELETE', `/networks/${id}`)
  }

  containers(): Promise<ContainerSummary[]> {
    return this.#ask(z.array(containerSummarySchema), 'GET', '/containers/json')
  }

  container(id: string): Promise<DockerContainer> {
    return this.#ask(containerSchema, 'GET', `/containers/${id}/json`)
  }

  async *events(
    sinceMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<DockerEvent> {
    const since = (sinceMs / 1000).toFixed(3)
    const wanted = filters({
      type: ['network', 'container'],
      // Health checks alone would be a stream of others.
      event: ['create', 'destroy', 'connect', 'disconnect', 'start', 'rename'],
    })
    const path = `/events?since=${since}&${wanted}`
    try {
      const answer = await this.#http.ask({
        ...{ method: 'GET', path, signal },
        timeoutMs: 0, // hours may pass without an event
      })
      const { statusCode = 0 } = answer
      if (statusCode >= 400) throw refusal(await text(answer), statusCode)
      for await (const line of linesOf(answer)) {
        const event = eventSchema.safeParse(JSON.parse(line))
        // What a later Docker has to say is no reason to hear nothing.
        if (event.success) yield event.data
      }
    } catch (error) {
      if (signal.aborted) return
      throw this.#failure(error)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#http.close()
  }

  async #ask<T>(
    schema: z.ZodType<T>,
    method: HttpRequest['method'],
    path: string,
    body?: object,
  ): Promise<T> {
    const timeoutMs = answerTimeoutMs
    try {
      if (this.#isClosed) throw new Error('the daemon is stopping')
      const answer = await this.#http.ask({ method, path, body, timeoutMs })
      const { statusCode = 0 } = answer
      const content = await text(answer)
      if (statusCode >= 400) throw refusal(content, statusCode)
      return schema.parse(content === '' ? undefined : JSON.parse(content))
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(error: unknown): DockerError {
    if (error instanceof DockerError) return error
    const problem = error instanceof Error ? error.message : String(error)
    return new DockerError(`Docker at ${this.#socket}: ${problem}`, 0)
  }
}

function refusal(content: string, status: number): DockerError {
  return new DockerError(messageOf(content) ?? `HTTP status ${status}`, status)
}

function messageOf(content: string): string | undefined {
  try {
    return z.object({ message: z.string() }).parse(JSON.parse(content)).message
  } catch {
    return undefined
  }
}

function filters(wanted: Readonly<Record<string, readonly string[]>>): string {
  return new URLSearchParams({ filters: JSON.stringify(wanted) }).toString()
}
