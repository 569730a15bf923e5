import { ipVersion } from './ip.js'

/** Outer IP, UDP and VXLAN headers and the inner Ethernet header, bytes. */
const overhead = { 4: 20 + 8 + 8 + 14, 6: 40 + 8 + 8 + 14 } as const

/** What an underlay of this MTU leaves for IP packets inside the overlay. */
export function innerMtu(underlayMtu: number, vtepAddress: string): number {
  return underlayMtu - overhead[ipVersion(vtepAddress)]
}
