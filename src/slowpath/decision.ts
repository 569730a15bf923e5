import type { Segment } from './tcp/connection.js'

/** What to do with a frame that came up. Whoever asked carries it out. */
export type Decision =
  /** Write this frame into the port that asked, or send it to the peer. */
  | { readonly kind: 'reply'; readonly frame: Uint8Array }
  /** Send the frame on to all VTEPs of the network. */
  | { readonly kind: 'flood' }
  /** Forward this MAC to the peer that the frame came from. */
  | { readonly kind: 'learn'; readonly mac: string }
  /** Answer this DNS message, now or later, into the port that asked. */
  | DnsDecision
  /** Hand this segment to the DNS server of the gateway address. */
  | TcpDecision
  /** Drop it, and count it under the reason. */
  | { readonly kind: 'ignore'; readonly reason: IgnoreReason }

export interface DnsDecision {
  readonly kind: 'dns'
  /** Part of the frame that came up: valid as long as that. */
  readonly query: Uint8Array
  /** The frame that carries an answer; may be called when the query is gone. */
  readonly answer: (message: Uint8Array) => Uint8Array
}

export interface TcpDecision {
  readonly kind: 'tcp'
  /** The two ends: equal for the segments of one connection of a port. */
  readonly peer: string
  /** Its payload is part of the frame that came up: valid as long as that. */
  readonly segment: Segment
  /** The frame that carries a segment back, now or later. */
  readonly frameOf: (segment: Segment) => Uint8Array
}

export type IgnoreReason =
  /** Too short, a wrong checksum, or against the protocol's rules. */
  | 'malformed'
  /** A protocol or message that nothing here answers; ICMP that does not parse. */
  | 'unsupported'
  /** About the sender's own address: announced, or probed before use. */
  | 'own-address'
  /** About an address that no endpoint has. */
  | 'unknown-address'
  /** Sent to the gateway's MAC, but not to its address: nothing is routed. */
  | 'not-for-gateway'
  /** Part of a packet: nothing is reassembled. */
  | 'fragment'
  /** From an address or a MAC that cannot be answered or learned. */
  | 'bad-source'
  /** From a peer with a MAC that the records have. */
  | 'known-source'

export function reply(frame: Uint8Array): Decision {
  return { kind: 'reply', frame }
}

export function ignore(reason: IgnoreReason): Decision {
  return { kind: 'ignore', reason }
}
