import { Holders } from '../dns/holders.js'
import { Zone } from '../dns/zone.js'
import type { NetworkPolicy } from '../engine/engine.js'
import { addressOf, cidrContains } from '../net/cidr.js'
import { canonicalIp } from '../net/ip.js'
import { canonicalMac, linkLocalOf, macOfIp } from '../net/mac.js'
import type { Endpoint, Network } from '../store/records.js'

export type DirectoryEndpoint = Pick<
  Endpoint,
  'id' | 'host' | 'name' | 'aliases' | 'hostname' | 'addresses' | 'mac'
> &
  Partial<Pick<Endpoint, 'publish'>>

/**
 * Who is who in one network, as the slow path answers it: the MAC of every
 * address, the gateways, and the names.
 */
export class NetworkDirectory {
  readonly zone: Zone
  /** MAC by address; the engine forwards these MACs to the slow path. */
  readonly gateways: ReadonlyMap<string, string>
  readonly #subnets: Network['subnets']
  readonly #endpoints = new Map<string, DirectoryEndpoint>()
  /** By address. */
  readonly #holders = new Holders<DirectoryEndpoint>()
  /** By MAC. */
  readonly #addresses = new Holders<string>()

  /**
   * @param unknownUnicast as in the engine's policy: with `flood`, kernel
   * peers may have addresses that no record tells
   * @param isSuspect as in `Zone`
   */
  constructor(
    network: Pick<Network, 'name' | 'subnets'>,
    readonly unknownUnicast: NetworkPolicy['unknownUnicast'],
    isSuspect?: (host: string) => boolean,
  ) {
    this.zone = new Zone(network, isSuspect)
    this.#subnets = network.subnets
    this.gateways = new Map(
      network.subnets.map(({ gateway }) => [
        canonicalIp(gateway),
        macOfIp(gateway),
      ]),
    )
  }

  /** Adds an endpoint, or replaces what it was. */
  putEndpoint(endpoint: DirectoryEndpoint): void {
    this.#forgetWhatChanged(endpoint)
    this.#endpoints.set(endpoint.id, endpoint)
    this.zone.put(endpoint)
    const mac = canonicalMac(endpoint.mac)
    for (const ip of addressesOf(endpoint)) {
      this.#holders.put(ip, endpoint.id, endpoint)
      this.#addresses.put(mac, endpoint.id, ip)
    }
  }

  /** Does nothing when there is no such endpoint. */
  removeEndpoint({ id }: Pick<DirectoryEndpoint, 'id'>): void {
    const endpoint = this.#endpoints.get(id)
    if (endpoint === undefined) return
    this.#endpoints.delete(id)
    this.zone.remove(id)
    this.#addresses.remove(canonicalMac(endpoint.mac), id)
    for (const ip of addressesOf(endpoint)) this.#holders.remove(ip, id)
  }

  /**
   * The MAC behind an address, which may be a gateway's or the IPv6 link-local
   * one that kernels derive from the MAC. Of several endpoints with the same
   * address the one that came last; when it goes, the one before.
   */
  macOf(ip: string): string | undefined {
    const gateway = this.gateways.get(ip)
    if (gateway !== undefined) return gateway
    const holder = this.holderOf(ip)
    return holder && canonicalMac(holder.mac)
  }

  /** The endpoint that `macOf` is about. */
  holderOf(ip: string): DirectoryEndpoint | undefined {
    return this.#holders.values(ip).at(-1)
  }

  /** True for each of several endpoints with the same address. */
  isHeldBy(ip: string, mac: string): boolean {
    const holders = this.#holders.values(ip)
    return holders.some((holder) => canonicalMac(holder.mac) === mac)
  }

  isGateway(ip: string): boolean {
    return this.gateways.has(ip)
  }

  /** The gateway's address in the subnet that an address is in, if in any. */
  gatewayFor(ip: string): string | undefined {
    const home = this.#subnets.find(({ subnet }) => cidrContains(subnet, ip))
    return home && canonicalIp(home.gateway)
  }

  /** True for the MACs of endpoints and gateways. */
  hasMac(mac: string): boolean {
    return this.#addresses.has(mac) || [...this.gateways.values()].includes(mac)
  }

  /** An address that stays keeps its place among several endpoints that have it. */
  #forgetWhatChanged(endpoint: DirectoryEndpoint): void {
    const before = this.#endpoints.get(endpoint.id)
    if (before === undefined) return
    this.#addresses.remove(canonicalMac(before.mac), before.id)
    const kept = new Set(addressesOf(endpoint))
    for (const ip of addressesOf(before)) {
      if (!kept.has(ip)) this.#holders.remove(ip, before.id)
    }
  }
}

function addressesOf({ addresses, mac }: DirectoryEndpoint): string[] {
  return [...addresses.map(addressOf), linkLocalOf(mac)]
}
