import type { PublishProtocol } from '../net/published-port.js'

/** Ports of whoever has a name, as a question asks for them. */
export interface ServiceName {
  /** All of the protocol when there is none. */
  readonly port: number | undefined
  readonly protocol: PublishProtocol
  readonly host: string
}

/**
 * `_8080._tcp.web` in the form of RFC 2782, with a number for the service;
 * `_tcp.web` for all of them. Undefined for every other name.
 */
export function parseServiceName(name: string): ServiceName | undefined {
  const form = /^(?:_(\d{1,5})\.)?_(tcp|udp|sctp)\.(.+)$/i
  const [, port, protocol = '', host = ''] = form.exec(name) ?? []
  if (host === '') return undefined
  return {
    port: port === undefined ? undefined : Number(port),
    protocol: protocol.toLowerCase() as PublishProtocol,
    host,
  }
}
