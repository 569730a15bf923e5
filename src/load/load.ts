import { z } from 'zod'

/**
 * What the load generator (`native-bindings/load`) can do; of `requests`, flows
 * are the bulk load beside them.
 */
export interface Load {
  readonly kind: 'tcp' | 'udp' | 'gso' | 'requests' | 'connections'
  readonly flows?: number
  /** The server sends as well. */
  readonly both?: boolean
  /** Bytes of a datagram, or of a request and its response. */
  readonly size?: number
}

const resultSchema = z.object({
  /** Received by the server. */
  bitsPerSecond: z.number(),
  /** Received by the client. */
  backwardBitsPerSecond: z.number(),
  /** Datagrams, received by the server. */
  packetsPerSecond: z.number(),
  /** Share of the datagrams that never came. */
  loss: z.number(),
  /** Received by both in the time that counts. */
  windowBytes: z.number(),
  /** Requests answered, or connections opened and closed. */
  transactionsPerSecond: z.number(),
  latencyUs: z.object({
    p50: z.number(),
    p99: z.number(),
    p999: z.number(),
    max: z.number(),
  }),
})
export type LoadResult = z.infer<typeof resultSchema>

export function clientArguments(
  address: string,
  port: number,
  load: Load,
  seconds: number,
): string[] {
  const { kind, flows, both, size } = load
  return [
    ...['client', address, String(port), kind],
    ...(flows === undefined ? [] : ['--flows', String(flows)]),
    ...(both ? ['--both'] : []),
    ...(size === undefined ? [] : ['--size', String(size)]),
    ...['--ms', String(Math.round(seconds * 1000))],
  ]
}

export function serverArguments(
  address: string,
  port: number,
  allowed: readonly string[] = [],
): string[] {
  return ['server', address, String(port), ...allowed]
}

/** Of what a client printed: its last line. Throws when that is none. */
export function parseResult(output: string): LoadResult {
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  return resultSchema.parse(JSON.parse(line))
}
