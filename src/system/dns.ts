/** A DNS server. */
export interface NameServer {
  /** May have a zone: `fe80::1%eth0`. */
  readonly address: string
  readonly port: number
}

export interface NameServers {
  /**
   * Tells the servers in a file of resolv.conf's form, and tells again when
   * they are others; without the file there are none. Resolves after the first
   * time, to what ends it. Never rejects.
   */
  follow(
    path: string,
    onChange: (servers: readonly NameServer[]) => void,
  ): Promise<() => void>
}

/** One question to one server. */
export interface DnsExchange {
  readonly server: NameServer
  readonly transport: 'udp' | 'tcp'
  readonly message: Uint8Array
  /** Whether a message is the answer; others over UDP are passed over. */
  readonly accepts: (answer: Uint8Array) => boolean
  /** Ends the wait. */
  readonly signal: AbortSignal
}

export interface DnsClient {
  /**
   * What the server answers, from its own address and port. Rejects with an
   * Error when it cannot be reached; waits until the signal otherwise.
   */
  exchange(exchange: DnsExchange): Promise<Uint8Array>
}
