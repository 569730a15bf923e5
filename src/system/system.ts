import type { PortRange, PublishProtocol } from '../net/published-port.js'
import type { DnsClient, NameServers } from './dns.js'

/**
 * The Linux host as overtap's use-cases see it: namespaces, links, routes and
 * a few files. `linuxSystem` does it with `ip`, `nsenter` and the file system;
 * tests use a fake. Methods reject with an OvertapError unless they say
 * otherwise.
 */
export interface System {
  readonly namespaces: Namespaces
  readonly links: Links
  readonly routes: Routes
  readonly resolvConf: ResolvConf
  readonly ports: HostPorts
  readonly bridges: Bridges
  readonly firewall: Firewall
  readonly sysctls: Sysctls
  readonly nameServers: NameServers
  readonly dns: DnsClient
  readonly udpFlows: UdpFlows
  /** Tells the service manager; does nothing when there is none. */
  notify(state: 'ready' | 'stopping'): Promise<void>
  /**
   * What the container behind `pid:N` calls itself, when that is not what the
   * host is called; other targets are network namespaces only, without a name
   * of their own. Undefined, too, when it cannot be found out.
   */
  hostname(target: string): Promise<string | undefined>
  /** Stable for a state directory: who this daemon is, also after a restart. */
  hostId(stateDirectory: string): Promise<string>
}

/** A network namespace: what overtap calls a container. */
export interface Namespace {
  /** Where it was found; it can be entered there. */
  readonly path: string
  /** Equal for two ways to one namespace, and for no others that live. */
  readonly identity: string
  /** What a container in it is called unless the user says. */
  readonly defaultName: string
  /** Its name for `ip netns`, if it has one. */
  readonly name?: string
}

export interface Namespaces {
  /**
   * Finds `target`: a name of `ip netns`, an absolute path, or `pid:N`.
   * NAMESPACE_NOT_FOUND, NAMESPACE_INVALID.
   */
  resolve(target: string): Promise<Namespace>
}

export interface Link {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly isTap: boolean
}

export interface LinkSetup {
  /** Path of the namespace. */
  readonly netns: string
  readonly name: string
  readonly mac: string
  readonly mtu: number
  /** With prefix length. */
  readonly addresses: readonly string[]
  /** Bytes; the largest superpacket the kernel may hand to the device. */
  readonly gsoMaxSize?: number
  /** False: left as it is; by default it is brought up. */
  readonly up?: boolean
  /** Addresses that new default routes through this link lead to. */
  readonly gateways?: readonly string[]
}

export interface Links {
  /** Links inside a namespace. */
  list(netns: string): Promise<readonly Link[]>
  /** Sets MAC, MTU and addresses and brings the link up; repeatable. */
  configure(setup: LinkSetup): Promise<void>
  up(netns: string, name: string): Promise<void>
  /** Takes a link down; its addresses stay. */
  down(netns: string, name: string): Promise<void>
  /** Deletes a link; one that is not there is fine. */
  remove(netns: string, name: string): Promise<void>
  /** What there is inside a namespace before something is added. */
  survey(netns: string): Promise<Survey>
}

export interface Survey {
  /** Names of all links. */
  readonly links: readonly string[]
  /** Devices that carry default routes, of any metric. */
  readonly defaultRoutes: {
    readonly v4: readonly string[]
    readonly v6: readonly string[]
  }
  /** IPv6 is not switched off. */
  readonly hasV6: boolean
}

export interface BridgeSetup {
  readonly name: string
  /** A longer name; the kernel's limit for `name` is 15 characters. */
  readonly altname: string
  /** By which a bridge of ours is known from one that somebody else made. */
  readonly alias: string
  readonly mac: string
  readonly mtu: number
  /** With prefix length. */
  readonly addresses: readonly string[]
}

export interface Bridge {
  readonly name: string
  readonly alias: string
  /** Of global scope, with prefix length. */
  readonly addresses: readonly string[]
}

/** One end of a veth, on the host. */
export interface BridgePort {
  readonly name: string
  readonly alias: string
  readonly bridge: string | undefined
  /** `plug` came to its end. */
  readonly ready: boolean
}

export interface PortSetup {
  readonly bridge: string
  /** Of the end on the host. */
  readonly name: string
  readonly alias: string
  /** Path of the namespace that gets the other end. */
  readonly netns: string
  readonly interface: string
  readonly mac: string
  readonly mtu: number
  /** What the other end has, without prefix length. */
  readonly addresses: readonly string[]
}

/** Bridges of the host, and veths that lead from them into namespaces. */
export interface Bridges {
  /** Null when there is none of this name. */
  find(name: string): Promise<Bridge | null>
  create(setup: BridgeSetup): Promise<void>
  /** One that is not there is fine, as with `removePort`. */
  remove(name: string): Promise<void>
  /** Likewise; for a port of which nothing but the name is known. */
  removeLink(name: string): Promise<void>
  /** All whose name begins so. */
  ports(prefix: string): Promise<readonly BridgePort[]>
  /**
   * Makes a veth whose port reaches the bridge but no other port, and
   * configures the end inside. What is left when it rejects is not `ready`.
   */
  plug(setup: PortSetup, inside: LinkSetup): Promise<void>
  /** Opens ports for the MAC they were made with; repeatable. */
  openPorts(setups: readonly PortSetup[]): Promise<void>
  /** Puts ports back on a bridge they have lost; to be opened then. */
  attachPorts(setups: readonly PortSetup[]): Promise<void>
  removePort(setup: PortSetup): Promise<void>
}

/** nftables. */
export interface Firewall {
  /** Why it cannot be used; null when it can. */
  problem(): Promise<string | null>
  /**
   * Loads all of it or, when it rejects, nothing. Resolves to the table as
   * `list` shows it then.
   */
  load(ruleset: string, table: string, detail: 'all' | 'rules'): Promise<string>
  /**
   * An `inet` table as text, without counters; null when there is none. The
   * elements of its maps are left out unless all is asked for.
   */
  list(table: string, detail: 'all' | 'rules'): Promise<string | null>
  /** Tables that have a say when the host forwards a packet, but for this one. */
  forwarding(except: string): Promise<readonly FilterTable[]>
  /** Deletes an `inet` table; one that is not there is fine. */
  remove(table: string): Promise<void>
}

/** The switches of the kernel below /proc/sys, by name: `net.ipv4.ip_forward`. */
export interface Sysctls {
  /** Null when there is none of this name. */
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  /** Names one level below, as in `net.ipv6.conf`. */
  list(name: string): Promise<readonly string[]>
}

/** How the host would send to an address. */
export interface Route {
  readonly to: string
  readonly device: string
  readonly source: string | undefined
  /** The route's own MTU, or else its device's; bytes. */
  readonly mtu: number
}

/** An address of the host that others can reach. */
export interface HostAddress {
  readonly device: string
  readonly address: string
  readonly mtu: number
}

export interface Routes {
  /** One route per address; addresses without one are left out. */
  to(addresses: readonly string[]): Promise<readonly Route[]>
  /** Where traffic goes that no other route matches. */
  defaultDevice(): Promise<string | undefined>
  /** Prefixes the host routes, in any family, without default and link-local. */
  prefixes(): Promise<readonly string[]>
  /** Addresses of global scope, IPv4 before IPv6, in the order of the devices. */
  addresses(): Promise<readonly HostAddress[]>
}

export interface ResolvConf {
  /**
   * Makes processes started with `ip netns exec NAME` ask these servers; with
   * none, takes that back. A file somebody else wrote is left alone: 'foreign'.
   */
  write(
    namespace: string,
    servers: readonly string[],
  ): Promise<'done' | 'foreign'>
}

/** One port of the host. */
export interface HostPort {
  readonly protocol: PublishProtocol
  /** `0.0.0.0` and `::` for all addresses of their family. */
  readonly ip: string
  readonly port: number
}

/** A port that nobody else can listen at, until it is released. */
export interface HeldPort {
  release(): void
}

export type PortRefusal =
  /** Somebody listens there; no interface has the address. */
  | { readonly refused: 'in-use' | 'not-local' }
  | { readonly refused: 'failed'; readonly problem: string }

export interface HostPorts {
  /** Takes a port unless somebody listens there. SCTP is not looked at. */
  hold(port: HostPort): Promise<HeldPort | PortRefusal>
  /** Who listens there: `nginx (pid 812)`; null when no process does. */
  user(port: HostPort): Promise<string | null>
  /** Where ports are taken from that nobody asked for by number. */
  ephemeral(): Promise<PortRange>
}

/** A table of nftables, also one that iptables made. */
export interface FilterTable {
  /** `ip`, `ip6` or `inet`. */
  readonly family: string
  readonly name: string
  readonly chains: readonly FilterChain[]
}

export interface FilterChain {
  readonly name: string
  /** Only of those that the kernel calls when it forwards a packet. */
  readonly policy?: string
  /** Each a list of statements as libnftables-json(5) has them. */
  readonly rules: readonly (readonly unknown[])[]
}

/** Datagrams that the kernel takes for one conversation (conntrack). */
export interface UdpFlow {
  readonly from: string
  readonly fromPort: number
  /** Where the first of them was sent to. */
  readonly to: string
  readonly port: number
  /** Who they were led to: `to`, unless that was changed. */
  readonly answerer: string
}

export interface UdpFlows {
  /** Those to any of these ports. COMMAND_FAILED without `conntrack`. */
  to(ports: ReadonlySet<number>): Promise<readonly UdpFlow[]>
  /** What comes next is led by the rules of now. One that ended is fine. */
  forget(flow: UdpFlow): Promise<void>
}
