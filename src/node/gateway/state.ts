import type { PublishedPort } from '../../net/published-port.js'

/** The kernel's name, of at most 15 characters, and the one for people. */
export const bridgeName = 'overtap_gwbr'
export const bridgeAltname = 'overtap_gwbridge'

/** A container on the bridge. */
export interface GatewayContainer {
  /** For people. */
  readonly name: string
  readonly mac: string
  /** On the bridge, without prefix length; one per family at most. */
  readonly addresses: readonly string[]
  readonly publish: readonly PublishedPort[]
}

/** What the rules are made from, all of it. */
export interface GatewayState {
  /** The kernel's name of the bridge. */
  readonly bridge: string
  /** IPv4, and IPv6 if there is any. */
  readonly subnets: readonly string[]
  /** Of the host on the bridge, without prefix length, one per subnet. */
  readonly gateways: readonly string[]
  readonly containers: readonly GatewayContainer[]
}
