import type { Namespace } from './namespace.js'

export interface IperfOptions {
  readonly seconds?: number
  /** So much, as `100M`, instead of so long. */
  readonly bytes?: string
  readonly streams?: number
  /** The server sends. */
  readonly reverse?: boolean
  /** More of iperf3's own flags for the client. */
  readonly flags?: readonly string[]
}

export interface IperfResult {
  /** Received, per second. */
  readonly bitsPerSecond: number
  readonly retransmits: number
  /** Received, in all. */
  readonly bytes: number
}

interface Report {
  readonly error?: string
  readonly end: {
    readonly sum_received?: { bits_per_second: number; bytes: number }
    readonly sum_sent?: { retransmits?: number }
  }
}

const port = 5201

/** One iperf3 run between two namespaces: a server for it alone, then the client. */
export async function iperf(
  client: Namespace,
  server: Namespace,
  address: string,
  options: IperfOptions = {},
): Promise<IperfResult> {
  const { seconds = 3, bytes, streams = 1, reverse = false } = options
  const amount = bytes ? ['--bytes', bytes] : ['--time', String(seconds)]
  const service = server.start('iperf3', [
    ...['--server', '--one-off', '--forceflush'],
    ...['--bind', address, '--port', String(port)],
  ])
  try {
    await service.line(/Server listening/)
    const { stdout } = await client.attempt('iperf3', [
      ...['--client', address, '--port', String(port), '--json'],
      ...[...amount, '--parallel', String(streams)],
      ...['--connect-timeout', '3000'],
      ...(reverse ? ['--reverse'] : []),
      ...(options.flags ?? []),
    ])
    return summarize(JSON.parse(stdout) as Report)
  } finally {
    await service.stop()
  }
}

function summarize({ error, end }: Report): IperfResult {
  if (error !== undefined || !end.sum_received) {
    throw new Error(`iperf3: ${error ?? 'no result'}`)
  }
  return {
    bitsPerSecond: end.sum_received.bits_per_second,
    bytes: end.sum_received.bytes,
    retransmits: end.sum_sent?.retransmits ?? 0,
  }
}
