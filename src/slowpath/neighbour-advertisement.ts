import * as ethernet from '../codec/ethernet.js'
import * as icmpv6 from '../codec/icmpv6.js'
import { PROTOCOL } from '../codec/ipv4.js'
import * as ipv6 from '../codec/ipv6.js'

export const ALL_NODES = {
  ip: 'ff02::1',
  mac: '33:33:00:00:00:01',
} as const
/** No router has forwarded it: it is from this link. */
export const ON_LINK_HOP_LIMIT = 255

export interface Neighbour {
  readonly ip: string
  readonly mac: string
}

/**
 * Tells `to` the MAC of `from`: an answer to one neighbour, or to all nodes
 * what nobody asked for (RFC 4861 sections 7.2.4 and 7.2.6).
 */
export function advertisementFrame(from: Neighbour, to: Neighbour): Uint8Array {
  const ends = { source: from.ip, destination: to.ip }
  const message = {
    kind: 'neighbour-advertisement',
    target: from.ip,
    linkLayer: from.mac,
    router: false,
    solicited: to !== ALL_NODES,
    override: true,
  } as const
  const packet = ipv6.emit({
    ...ends,
    nextHeader: PROTOCOL.icmpv6,
    hopLimit: ON_LINK_HOP_LIMIT,
    payload: icmpv6.emit(message, ends),
  })
  return ethernet.emit({
    destination: to.mac,
    source: from.mac,
    etherType: ethernet.ETHER_TYPE.ipv6,
    payload: packet,
  })
}
