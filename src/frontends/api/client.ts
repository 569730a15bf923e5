import { text } from 'node:stream/consumers'
import { OvertapError, errors, isOvertapError } from '../../base/errors.js'
import type {
  AddNameBody,
  FlushResponse,
  LookupResponse,
  NameResponse,
  RemoveNameBody,
} from './dns-schema.js'
import { linesOf } from './lines.js'
import type {
  ConnectBody,
  CreateNetworkBody,
  DisconnectBody,
  EndpointResponse,
  ErrorResponse,
  EventResponse,
  FindingResponse,
  ForwardingResponse,
  FsckBody,
  HostResponse,
  NetworkResponse,
  StatusResponse,
  SubnetResponse,
  VersionResponse,
} from './schema.js'
import { type HttpRequest, SocketHttp } from './socket-http.js'

/**
 * A daemon, as its clients see it. Every method rejects with an OvertapError:
 * the daemon's own, DAEMON_NOT_RUNNING or DAEMON_UNREACHABLE.
 */
export interface ApiClient {
  version(): Promise<VersionResponse>
  status(): Promise<StatusResponse>
  hosts(): Promise<readonly HostResponse[]>
  networks(): Promise<readonly NetworkResponse[]>
  network(reference: string): Promise<NetworkResponse>
  createNetwork(body: CreateNetworkBody): Promise<NetworkResponse>
  removeNetwork(reference: string): Promise<void>
  connect(reference: string, body: ConnectBody): Promise<EndpointResponse>
  disconnect(reference: string, body: DisconnectBody): Promise<EndpointResponse>
  /** Those of one network, or of all. */
  endpoints(network?: string): Promise<readonly EndpointResponse[]>
  forwarding(network?: string): Promise<readonly ForwardingResponse[]>
  /** With a network: each of its addresses, too. */
  ipam(network?: string): Promise<readonly SubnetResponse[]>
  fsck(body: FsckBody): Promise<readonly FindingResponse[]>
  /** Names of one network, or of all. */
  names(network?: string): Promise<readonly NameResponse[]>
  addName(reference: string, body: AddNameBody): Promise<NameResponse>
  /** What is left of it; null when nothing is. */
  removeName(
    reference: string,
    body: RemoveNameBody,
  ): Promise<NameResponse | null>
  lookup(query: LookupQuery): Promise<readonly LookupResponse[]>
  flushDns(): Promise<FlushResponse>
  /** Rejects when the daemon cuts the stream; ends when it stops. */
  events(query: EventsQuery): AsyncIterable<EventResponse>
  close(): void
}

export interface LookupQuery {
  readonly name: string
  readonly type?: string | undefined
  readonly network?: string | undefined
  /** A container that asks. */
  readonly from?: string | undefined
}

export interface EventsQuery {
  /** Of the events that were, the newest ones; the daemon has a default. */
  readonly count?: number
  /** Goes on with those to come. */
  readonly follow?: boolean
  /** Ends what follows. */
  readonly signal?: AbortSignal
}

/** Longer than any use-case takes; a stuck daemon must not hang a script. */
const answerTimeoutMs = 60_000

/** The client of a daemon's unix socket; connects with the first request. */
export class SocketClient implements ApiClient {
  readonly #socket: string
  readonly #http: SocketHttp

  constructor(socket: string) {
    this.#socket = socket
    this.#http = new SocketHttp(socket)
  }

  version = (): Promise<VersionResponse> => this.#get('/v1/version')
  status = (): Promise<StatusResponse> => this.#get('/v1/status')
  hosts = (): Promise<HostResponse[]> => this.#get('/v1/hosts')
  networks = (): Promise<NetworkResponse[]> => this.#get('/v1/networks')

  network(reference: string): Promise<NetworkResponse> {
    return this.#get(networkPath(reference))
  }

  createNetwork(body: CreateNetworkBody): Promise<NetworkResponse> {
    return this.#send('POST', '/v1/networks', body)
  }

  async removeNetwork(reference: string): Promise<void> {
    await this.#send('DELETE', networkPath(reference))
  }

  connect(reference: string, body: ConnectBody): Promise<EndpointResponse> {
    return this.#send('POST', `${networkPath(reference)}/connect`, body)
  }

  disconnect(
    reference: string,
    body: DisconnectBody,
  ): Promise<EndpointResponse> {
    return this.#send('POST', `${networkPath(reference)}/disconnect`, body)
  }

  endpoints(network?: string): Promise<EndpointResponse[]> {
    return this.#get(`/v1/endpoints${networkQuery(network)}`)
  }

  forwarding(network?: string): Promise<ForwardingResponse[]> {
    return this.#get(`/v1/fdb${networkQuery(network)}`)
  }

  ipam(network?: string): Promise<SubnetResponse[]> {
    return this.#get(`/v1/ipam${networkQuery(network)}`)
  }

  fsck(body: FsckBody): Promise<FindingResponse[]> {
    return this.#send('POST', '/v1/ipam/fsck', body)
  }

  names(network?: string): Promise<NameResponse[]> {
    return this.#get(`/v1/dns${networkQuery(network)}`)
  }

  addName(reference: string, body: AddNameBody): Promise<NameResponse> {
    return this.#send('POST', `${networkPath(reference)}/dns`, body)
  }

  removeName(
    reference: string,
    body: RemoveNameBody,
  ): Promise<NameResponse | null> {
    return this.#send('POST', `${networkPath(reference)}/dns/remove`, body)
  }

  lookup(query: LookupQuery): Promise<LookupResponse[]> {
    const given = Object.entries(query).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value] as [string, string]] : [],
    )
    return this.#get(`/v1/dns/lookup?${new URLSearchParams(given).toString()}`)
  }

  flushDns(): Promise<FlushResponse> {
    return this.#send('POST', '/v1/dns/flush')
  }

  async *events(query: EventsQuery): AsyncGenerator<EventResponse> {
    const { signal } = query
    try {
      const answer = await this.#http.ask({
        method: 'GET',
        path: eventsPath(query),
        timeoutMs: 0, // hours may pass without an event
        signal,
      })
      const { statusCode = 0 } = answer
      if (statusCode >= 400) {
        throw this.#refusal(statusCode, this.#parse(await text(answer)))
      }
      for await (const line of linesOf(answer)) {
        yield this.#parse(line) as EventResponse
      }
    } catch (error) {
      if (signal?.aborted === true) return
      throw isOvertapError(error)
        ? error
        : this.#unreachable(error as NodeJS.ErrnoException)
    }
  }

  close(): void {
    this.#http.close()
  }

  #get<T>(path: string): Promise<T> {
    return this.#send('GET', path)
  }

  async #send<T>(
    method: HttpRequest['method'],
    path: string,
    body?: object,
  ): Promise<T> {
    const { status, content } = await this.#exchange(method, path, body)
    const answer = this.#parse(content)
    if (status < 400) return answer as T
    throw this.#refusal(status, answer)
  }

  async #exchange(
    method: HttpRequest['method'],
    path: string,
    body?: object,
  ): Promise<{ status: number; content: string }> {
    const timeoutMs = answerTimeoutMs
    try {
      const answer = await this.#http.ask({ method, path, body, timeoutMs })
      return { status: answer.statusCode ?? 0, content: await text(answer) }
    } catch (error) {
      throw this.#unreachable(error as NodeJS.ErrnoException)
    }
  }

  #parse(content: string): unknown {
    if (content === '') return undefined
    try {
      return JSON.parse(content) as unknown
    } catch {
      throw errors.DAEMON_UNREACHABLE(this.#socket, 'the answer is no JSON')
    }
  }

  #refusal(status: number, answer: unknown): OvertapError {
    const { code, message, remedy, details } = (answer ??
      {}) as Partial<ErrorResponse>
    if (code === undefined || message === undefined) {
      return errors.DAEMON_UNREACHABLE(this.#socket, `HTTP status ${status}`)
    }
    return new OvertapError(code, status, message, remedy ?? '', { details })
  }

  #unreachable(error: NodeJS.ErrnoException): OvertapError {
    return error.code === 'ECONNREFUSED' || error.code === 'ENOENT'
      ? errors.DAEMON_NOT_RUNNING(this.#socket)
      : errors.DAEMON_UNREACHABLE(this.#socket, error.message)
  }
}

function networkPath(reference: string): string {
  return `/v1/networks/${encodeURIComponent(reference)}`
}

function eventsPath({ count, follow = false }: EventsQuery): string {
  const query = new URLSearchParams({ follow: String(follow) })
  if (count !== undefined) query.set('count', String(count))
  return `/v1/events?${query.toString()}`
}

function networkQuery(network: string | undefined): string {
  return network === undefined ? '' : `?network=${encodeURIComponent(network)}`
}
