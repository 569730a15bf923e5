import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Sent as JSON. */
  readonly body?: object | undefined
  /** The longest silence; 0 for any. */
  readonly timeoutMs: number
  /** Ends the request and what is left of the answer. */
  readonly signal?: AbortSignal | undefined
}

/**
 * HTTP on a unix socket; connects with the first request. Node's own client: a
 * command starts as fast as its imports load, and this one is there already.
 */
export class SocketHttp {
  readonly #socket: string
  readonly #host: string
  readonly #agent = new Agent({ keepAlive: true })

  /** `host` is for the header of that name, in which HTTP wants something. */
  constructor(socket: string, host = 'overtapd') {
    this.#socket = socket
    this.#host = host
  }

  /** Resolves with the head of the answer; rejects as the socket does. */
  async ask(options: HttpRequest): Promise<IncomingMessage> {
    const { method, path, body, timeoutMs, signal } = options
    const asked = request({
      ...{ agent: this.#agent, socketPath: this.#socket, host: this.#host },
      ...{ method, path, timeout: timeoutMs },
      ...(signal && { signal }),
      ...(body && { headers: { 'content-type': 'application/json' } }),
    })
    asked.on('timeout', () => {
      asked.destroy(new Error(`nothing came for ${timeoutMs / 1000} s`))
    })
    // What happens after the head is the answer's to tell.
    asked.on('error', () => undefined)
    asked.end(body && JSON.stringify(body))
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return answer
  }

  close(): void {
    this.#agent.destroy()
  }
}
