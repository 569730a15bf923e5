/**
 * The data plane as TypeScript sees it. `NativeEngine` runs the C++ addon;
 * `FakeEngine` (test/support) records calls. The engine holds nothing that
 * cannot be thrown away and filled again from the records.
 */

import type { EngineFeatureName } from '../base/features.js'
import type { Vtep } from '../net/vtep.js'

/** A local TAP; numbered by the engine, never reused while the daemon runs. */
export type PortId = number
/** A remote VTEP; numbered by the engine. */
export type PeerId = number

export interface EngineOptions {
  /** Local VTEP address, v4 or v6; all peers are of the same family. */
  readonly address: string
  /** UDP port of VXLAN, ours and by default the peers'. */
  readonly port: number
  /** Data-plane threads. */
  readonly workers: number
  /** A TAP has a queue for each worker. */
  readonly multiqueue: boolean
  /** Features that are not to be used. */
  readonly disable: readonly EngineFeatureName[]
}

export interface PortSpec {
  readonly vni: number
  /** Path of the network namespace the TAP lives in. */
  readonly netns: string
  /** Interface name inside the namespace; adopted when a TAP of ours has it. */
  readonly name: string
  readonly mac: string
  /** Addresses without prefix length; port security lets only these out. */
  readonly addresses: readonly string[]
  readonly mtu: number
}

export interface NetworkPolicy {
  readonly vni: number
  /** Drop frames whose source MAC or address is not the port's own. */
  readonly portSecurity: boolean
  /**
   * What to do with a unicast MAC nobody announced: drop it (all endpoints are
   * known from records), or flood it to the VTEPs and learn sources (networks
   * with static peers).
   */
  readonly unknownUnicast: 'drop' | 'flood'
}

export type Destination =
  | { readonly port: PortId }
  | { readonly peer: PeerId }
  /** Hand the frame to the slow path: the gateway's MAC. */
  | 'upcall'

export interface ForwardingChange {
  readonly vni: number
  readonly mac: string
  /** null removes the entry. */
  readonly to: Destination | null
}

/** Why a frame came up. */
export type UpcallReason =
  /** ARP request from a local port. */
  | 'arp'
  /** ICMPv6 neighbour or router solicitation from a local port. */
  | 'nd'
  /** Sent by a local port to a MAC that is forwarded to 'upcall'. */
  | 'gateway'
  /** Source MAC from a peer that the table does not have; only where unknownUnicast is 'flood'. */
  | 'new-source'
  /**
   * Larger than the way to its receiver takes, and dropped; its sender, a local
   * port or somebody behind a peer, is to be told.
   */
  | 'too-big'

export interface Upcall {
  readonly reason: UpcallReason
  readonly vni: number
  /** Port it came from; null when it came from a peer. */
  readonly port: PortId | null
  readonly peer: PeerId | null
  /**
   * Whole Ethernet frame without FCS, checksums complete; valid only during the
   * call. Of one that is too big only the beginning, as its sender made it.
   */
  readonly frame: Uint8Array
  /** Of one that is too big: bytes of an IP packet that would have passed. */
  readonly mtu?: number
}

/** Frames to write into local ports, or to send to one or all of a network's VTEPs. */
export type Injection =
  | { readonly frame: Uint8Array; readonly port: PortId }
  | { readonly frame: Uint8Array; readonly floodVni: number }
  | { readonly frame: Uint8Array; readonly vni: number; readonly peer: PeerId }

export interface EngineListener {
  /** A batch of frames the table could not answer. */
  upcalls(batch: readonly Upcall[]): void
  /** The namespace of a port went away; the port forwards nothing any more. */
  portLost(port: PortId): void
  /** Less passes to a peer than `setPeerMtu` said; not again before the next one. */
  pathDoubted(peer: PeerId): void
}

export interface TrafficCounters {
  readonly rxFrames: number
  readonly rxBytes: number
  readonly txFrames: number
  readonly txBytes: number
}

export interface EngineCounters {
  /** By port id: rx is what the container sent, tx what it was given. */
  readonly ports: Readonly<Record<PortId, TrafficCounters>>
  /** By peer id: rx is what came from it. */
  readonly peers: Readonly<Record<PeerId, TrafficCounters>>
  /** By reason; every reason is present, also at 0. */
  readonly drops: Readonly<Record<string, number>>
  readonly upcalls: number
}

/** As probed at start. */
export interface EngineFeature {
  readonly name: EngineFeatureName
  /** `off`: by the operator; `unavailable`: the kernel has it not, or its self-test failed. */
  readonly state: 'on' | 'off' | 'unavailable'
  /** Why it is unavailable; else empty. */
  readonly reason: string
}

/** A feature that failed towards a peer is left alone for a minute, then tried again. */
export interface EnginePause {
  readonly feature: EngineFeatureName
  readonly peer: PeerId
  /** What the kernel said. */
  readonly reason: string
}

export interface Engine {
  /** Opens sockets and starts the workers. */
  start(listener: EngineListener): Promise<void>
  /** Stops the workers; persistent TAPs stay. Idempotent. */
  stop(): Promise<void>

  putNetwork(policy: NetworkPolicy): void
  removeNetwork(vni: number): void

  /** Idempotent by address and port. */
  addPeer(address: string, port: number): PeerId
  removePeer(peer: PeerId): void
  /** Bytes of the largest IP packet inside the overlay that reaches it whole. */
  setPeerMtu(peer: PeerId, mtu: number): void
  /**
   * Bytes of the largest packet on the underlay that the kernel would send to
   * the VTEP as it is; undefined without a route.
   */
  pathMtu(vtep: Vtep): number | undefined
  /**
   * Sends a packet of this size that no hop may fragment and every VTEP drops.
   * False when it does not even leave this host.
   */
  probePath(vtep: Vtep, size: number): boolean
  /**
   * The VTEPs of a network: broadcast goes to all of them, and VXLAN for this
   * VNI is accepted from them only.
   */
  setVteps(vni: number, peers: readonly PeerId[]): void

  /** Creates or adopts the TAP; it forwards from now on. The link is left down. */
  openPort(spec: PortSpec): Promise<PortId>
  /** Stops forwarding and closes; with `destroy`, the device goes too. */
  closePort(port: PortId, options: { destroy: boolean }): Promise<void>

  forward(changes: readonly ForwardingChange[]): void
  inject(frames: readonly Injection[]): void

  counters(): EngineCounters
  features(): readonly EngineFeature[]
  pauses(): readonly EnginePause[]
}
