import { errors } from '../base/errors.js'
import { ipToBytes, ipVersion } from '../net/ip.js'
import { macToBytes } from '../net/mac.js'
import type { Vtep } from '../net/vtep.js'
import type {
  Destination,
  Engine,
  EngineCounters,
  EngineFeature,
  EngineListener,
  EngineOptions,
  EnginePause,
  ForwardingChange,
  Injection,
  NetworkPolicy,
  PeerId,
  PortId,
  PortSpec,
  TrafficCounters,
  Upcall,
  UpcallReason,
} from './engine.js'
import {
  loadNativeBinding,
  type NativeCounterRows,
  type NativeEngineHandle,
  type NativeUpcallField,
} from './native.js'

/** The order of UpcallReason in native-bindings/engine/upcall_ring.h. */
const upcallReasons: readonly UpcallReason[] = [
  'arp',
  'nd',
  'gateway',
  'new-source',
  'too-big',
]
const portLostReason = upcallReasons.length
const pathDoubtedReason = portLostReason + 1

const fieldsPerUpcall = 6
const fieldsPerCounterRow = 5

/**
 * The C++ engine behind the Engine interface: turns values into the canonical
 * numbers and bytes the addon takes, and its errno into errors users can act on.
 */
export class NativeEngine implements Engine {
  readonly #options: EngineOptions
  #handle: NativeEngineHandle | undefined

  constructor(options: EngineOptions) {
    this.#options = Object.freeze({ ...options })
  }

  /** Rejects with ENGINE_UNAVAILABLE, or VTEP_UNAVAILABLE when the port is taken. */
  // eslint-disable-next-line @typescript-eslint/require-await -- errors reject
  async start(listener: EngineListener): Promise<void> {
    const { address, port, workers, multiqueue, disable } = this.#options
    const { Engine } = load()
    const deliver = (batch: readonly NativeUpcallField[]) => {
      dispatch(batch, listener)
    }
    try {
      this.#handle = new Engine(
        ipToBytes(address),
        port,
        workers,
        multiqueue,
        disable,
        deliver,
      )
    } catch (error) {
      throw errors.VTEP_UNAVAILABLE(address, port, problemOf(error))
    }
    this.#handle.start()
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- part of the contract
  async stop(): Promise<void> {
    this.#handle?.stop()
    this.#handle = undefined
  }

  putNetwork(policy: NetworkPolicy): void {
    const { vni, portSecurity, unknownUnicast } = policy
    this.#running.putNetwork(vni, portSecurity, unknownUnicast === 'flood')
  }

  removeNetwork(vni: number): void {
    if (!this.#running.removeNetwork(vni)) {
      throw new Error(`network with VNI ${vni} still has ports`)
    }
  }

  addPeer(address: string, port: number): PeerId {
    return this.#running.addPeer(ipToBytes(address), port)
  }

  removePeer(peer: PeerId): void {
    this.#running.removePeer(peer)
  }

  setPeerMtu(peer: PeerId, mtu: number): void {
    this.#running.setPeerMtu(peer, mtu)
  }

  pathMtu({ address, port }: Vtep): number | undefined {
    const mtu = this.#running.pathMtu(ipToBytes(address), port)
    return mtu === 0 ? undefined : mtu
  }

  probePath({ address, port }: Vtep, size: number): boolean {
    return this.#running.probePath(ipToBytes(address), port, size)
  }

  setVteps(vni: number, peers: readonly PeerId[]): void {
    this.#running.setVteps(vni, peers)
  }

  async openPort(spec: PortSpec): Promise<PortId> {
    const bytesOf = (version: number) =>
      spec.addresses.filter((ip) => ipVersion(ip) === version).map(ipToBytes)
    try {
      return await this.#running.openPort(
        spec.netns,
        spec.name,
        spec.vni,
        macToNumber(spec.mac),
        spec.mtu,
        bytesOf(4),
        bytesOf(6),
      )
    } catch (error) {
      throw errors.PORT_UNAVAILABLE(spec.name, spec.netns, problemOf(error))
    }
  }

  async closePort(
    port: PortId,
    { destroy }: { destroy: boolean },
  ): Promise<void> {
    await this.#handle?.closePort(port, destroy)
  }

  forward(changes: readonly ForwardingChange[]): void {
    for (const { vni, mac, to } of changes) {
      const number = macToNumber(mac)
      if (to === null) this.#running.forget(vni, number)
      else this.#running.forward(vni, number, ...targetOf(to))
    }
  }

  inject(frames: readonly Injection[]): void {
    for (const injection of frames) {
      if ('port' in injection) {
        this.#running.inject(injection.port, injection.frame)
      } else if ('floodVni' in injection) {
        this.#running.injectFlood(injection.floodVni, injection.frame)
      } else {
        const { vni, peer, frame } = injection
        this.#running.injectToPeer(vni, peer, frame)
      }
    }
  }

  counters(): EngineCounters {
    const { ports, peers, drops, upcalls } = this.#running.counters()
    return { ports: rowsById(ports), peers: rowsById(peers), drops, upcalls }
  }

  features(): readonly EngineFeature[] {
    return this.#running.features()
  }

  pauses(): readonly EnginePause[] {
    return this.#running.pauses()
  }

  get #running(): NativeEngineHandle {
    if (this.#handle === undefined) throw new Error('the engine is not started')
    return this.#handle
  }
}

function load() {
  try {
    return loadNativeBinding()
  } catch (error) {
    throw errors.ENGINE_UNAVAILABLE(problemOf(error))
  }
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function dispatch(
  batch: readonly NativeUpcallField[],
  listener: EngineListener,
): void {
  const upcalls: Upcall[] = []
  for (let at = 0; at < batch.length; at += fieldsPerUpcall) {
    const fields = batch.slice(at, at + fieldsPerUpcall)
    const [reason = -1, vni = 0, port = -1, peer = -1, mtu = 0] =
      fields as number[]
    if (reason === portLostReason) {
      listener.portLost(port)
    } else if (reason === pathDoubtedReason) {
      listener.pathDoubted(peer)
    } else {
      upcalls.push({
        reason: upcallReasons[reason] ?? 'arp',
        vni,
        port: someone(port),
        peer: someone(peer),
        frame: fields[5] as Uint8Array,
        ...(mtu !== 0 && { mtu }),
      })
    }
  }
  if (upcalls.length > 0) listener.upcalls(upcalls)
}

function someone(id: number): number | null {
  return id < 0 ? null : id
}

/** The order of Engine::Target in native-bindings/engine/engine.h. */
function targetOf(to: Destination): [target: number, id: number] {
  if (to === 'upcall') return [2, 0]
  return 'port' in to ? [0, to.port] : [1, to.peer]
}

/** 48 bits, which a number holds exactly. */
function macToNumber(mac: string): number {
  return Buffer.from(macToBytes(mac)).readUIntBE(0, 6)
}

function rowsById(rows: NativeCounterRows): Record<number, TrafficCounters> {
  const byId: Record<number, TrafficCounters> = {}
  for (let at = 0; at < rows.length; at += fieldsPerCounterRow) {
    const [id, rxFrames, rxBytes, txFrames, txBytes] = rows.subarray(
      at,
      at + fieldsPerCounterRow,
    ) as unknown as [number, number, number, number, number]
    byId[id] = { rxFrames, rxBytes, txFrames, txBytes }
  }
  return byId
}
