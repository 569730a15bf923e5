import { createRequire } from 'node:module'
import type { EngineFeature, EnginePause } from './engine.js'

/**
 * Everything the addon exports, and the only file that loads it. Arguments are
 * canonical by the time they come here: `NativeEngine` makes them so.
 */
export interface NativeBinding {
  readonly Engine: new (
    address: Uint8Array,
    port: number,
    workers: number,
    multiqueue: boolean,
    disabled: readonly string[],
    onUpcalls: (batch: readonly NativeUpcallField[]) => void,
  ) => NativeEngineHandle
}

/** Six elements per upcall: reason, vni, port, peer (-1: nobody), mtu, frame. */
export type NativeUpcallField = number | Uint8Array

/** Rows of id, rxFrames, rxBytes, txFrames, txBytes. */
export type NativeCounterRows = Float64Array

export interface NativeEngineHandle {
  start(): void
  stop(): void
  putNetwork(vni: number, portSecurity: boolean, floodUnknown: boolean): void
  /** False while ports of it are open. */
  removeNetwork(vni: number): boolean
  addPeer(address: Uint8Array, port: number): number
  removePeer(peer: number): void
  setPeerMtu(peer: number, mtu: number): void
  /** 0 without a route. */
  pathMtu(address: Uint8Array, port: number): number
  probePath(address: Uint8Array, port: number, size: number): boolean
  /** False when the network is unknown. */
  setVteps(vni: number, peers: readonly number[]): boolean
  /** Rejects with an Error whose `code` is the errno's name. */
  openPort(
    netns: string,
    name: string,
    vni: number,
    mac: number,
    mtu: number,
    ipv4: readonly Uint8Array[],
    ipv6: readonly Uint8Array[],
  ): Promise<number>
  closePort(port: number, destroy: boolean): Promise<void>
  /** False when the network, port or peer is unknown. */
  forward(vni: number, mac: number, target: number, id: number): boolean
  forget(vni: number, mac: number): void
  inject(port: number, frame: Uint8Array): void
  injectFlood(vni: number, frame: Uint8Array): void
  injectToPeer(vni: number, peer: number, frame: Uint8Array): void
  counters(): {
    readonly ports: NativeCounterRows
    readonly peers: NativeCounterRows
    readonly drops: Readonly<Record<string, number>>
    readonly upcalls: number
  }
  features(): readonly EngineFeature[]
  pauses(): readonly EnginePause[]
}

// From dist/src/engine, where this runs, to the root of the package.
const addonPath = '../../../native-bindings/build/Release/overtap.node'

export function loadNativeBinding(): NativeBinding {
  return createRequire(import.meta.url)(addonPath) as NativeBinding
}
