/** What a handler gets to see of an HTTP request. */
export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: unknown
  readonly body: unknown
  /** Aborted when the daemon stops: what would go on for ever ends then. */
  readonly closing: AbortSignal
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  /** Status of success; 200 unless given. */
  readonly status?: 200 | 201 | 204
  /** Of a stream; everything else is JSON. */
  readonly contentType?: string
  readonly answer: (request: ApiRequest) => unknown
}

/** The router has matched `:ref`, so it is there. */
export function reference(params: ApiRequest['params']): string {
  return params['ref'] ?? ''
}
