import { canonicalIp, isIp } from './ip.js'

/** Where VXLAN is sent: an address and a UDP port. */
export interface Vtep {
  readonly address: string
  readonly port: number
}

/** `192.0.2.1:4789` or `[2001:db8::1]:4789`; equal for equal VTEPs. */
export function vtepText({ address, port }: Vtep): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Reads `IP`, `IPv4:PORT` and `[IPv6]:PORT`; null for anything else. */
export function parseVtep(text: string, defaultPort: number): Vtep | null {
  if (isIp(text)) return { address: canonicalIp(text), port: defaultPort }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):([1-9]\d{0,4})$/.exec(text)
  const address = match?.[1] ?? match?.[2] ?? ''
  const port = Number(match?.[3])
  if (!isIp(address) || port > 65535) return null
  return { address: canonicalIp(address), port }
}
