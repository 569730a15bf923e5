import fc from 'fast-check'
import { bytesToIp } from '../../../src/net/ip.js'
import { bytesToMac } from '../../../src/net/mac.js'

const bytesOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length })

export const anyMac = bytesOf(6).map(bytesToMac)
export const anyIpv4 = bytesOf(4).map(bytesToIp)
export const anyIpv6 = bytesOf(16).map(bytesToIp)
export const anyByte = fc.integer({ min: 0, max: 0xff })
export const anyPort = fc.integer({ min: 0, max: 0xffff })
export const anyPayload = fc.uint8Array({ maxLength: 200 })

export const anyEnds4 = fc.record({ source: anyIpv4, destination: anyIpv4 })
export const anyEnds6 = fc.record({ source: anyIpv6, destination: anyIpv6 })
