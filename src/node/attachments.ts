import type { PortId } from '../engine/engine.js'
import type { Endpoint, Network } from '../store/records.js'
import type { Namespace } from '../system/system.js'
import type { Standing } from './ownership/own-records.js'

/** A key this host put into the store, and the revision at which it did. */
export interface Claim {
  readonly key: string
  readonly version: number
}

/** A container of this host on one network. */
export interface Attachment {
  /** Another one, with the same id, when its names become known. */
  endpoint: Endpoint
  /** Likewise. */
  network: Network
  readonly namespace: Namespace
  /** The records of its addresses; others when they had to be written again. */
  claims: readonly Claim[]
  /** Null until the TAP is open, and again when it is closed. */
  port: PortId | null
  standing: Standing
}

/**
 * The containers attached on this host: what only this daemon knows beside the
 * records. An attachment is here before its record is in the store and until
 * after it has gone from there.
 */
export class Attachments {
  readonly #byId = new Map<string, Attachment>()

  add(attachment: Attachment): void {
    this.#byId.set(attachment.endpoint.id, attachment)
  }

  remove({ endpoint }: Attachment): void {
    this.#byId.delete(endpoint.id)
  }

  all(): readonly Attachment[] {
    return [...this.#byId.values()]
  }

  get(endpointId: string): Attachment | undefined {
    return this.#byId.get(endpointId)
  }

  /** True when the network must be forwarded on this host. */
  uses(networkId: string): boolean {
    return this.ofNetwork(networkId).some(
      ({ standing, port }) => standing !== 'isolated' || port !== null,
    )
  }

  /** Whether any stay connected when the daemon stops. */
  stay({ keep }: { readonly keep: boolean }): boolean {
    return keep || this.all().some(({ endpoint }) => endpoint.driver)
  }

  /** A network has another name. */
  networkChanged(network: Network): void {
    for (const one of this.ofNetwork(network.id)) one.network = network
  }

  ofNetwork(networkId: string): readonly Attachment[] {
    return this.all().filter(({ network }) => network.id === networkId)
  }

  ofNamespace({ identity }: Namespace): readonly Attachment[] {
    return this.all().filter(({ namespace }) => namespace.identity === identity)
  }

  ofPort(port: PortId): Attachment | undefined {
    return this.all().find((attachment) => attachment.port === port)
  }
}
