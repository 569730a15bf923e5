import * as arp from '../codec/arp.js'
import * as ethernet from '../codec/ethernet.js'
import { ALL_NODES, advertisementFrame } from './neighbour-advertisement.js'
import type { Neighbour } from './neighbour-advertisement.js'

const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'
/** RFC 5227 section 2.3: the target's hardware address is ignored. */
const NO_MAC = '00:00:00:00:00:00'

/**
 * Tells everybody who has `ip` now, so that they forget what they had in their
 * caches: a gratuitous ARP request (RFC 5944 section 4.6; Linux believes it
 * about addresses it knows, net/ipv4/arp.c), or an unsolicited neighbour
 * advertisement with the override flag (RFC 4861 section 7.2.6).
 */
export function announcement({ ip, mac }: Neighbour): Uint8Array {
  if (ip.includes(':')) return advertisementFrame({ ip, mac }, ALL_NODES)
  return ethernet.emit({
    destination: BROADCAST_MAC,
    source: mac,
    etherType: ethernet.ETHER_TYPE.arp,
    payload: arp.emit({
      operation: 'request',
      senderMac: mac,
      senderIp: ip,
      targetMac: NO_MAC,
      targetIp: ip,
    }),
  })
}
