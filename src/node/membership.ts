import type { Clock } from '../base/clock.js'
import type { Config } from '../base/config.js'
import type { Logger } from '../base/log.js'
import { Serialised } from '../base/serialised.js'
import { splitKey } from '../store/keys.js'
import { keys, type Member } from '../store/records.js'
import type { Store } from '../store/store.js'
import type { Attachments } from './attachments.js'
import type { OwnRecords } from './ownership/own-records.js'
import type { FollowingView, RecordWriter } from './record-writer.js'

export interface MembershipParts {
  readonly host: string
  readonly config: Pick<Config, 'lease'>
  readonly clock: Clock
  readonly store: Store
  readonly view: FollowingView & {
    readonly heldNetworks: readonly string[]
    hold(networks: readonly string[]): Promise<void>
    drop(network: string): Promise<void>
  }
  readonly writer: RecordWriter
  readonly attachments: Attachments
  readonly own: OwnRecords
  readonly log: Logger
}

/**
 * Which networks this host is on. The view holds their rows, and a record in
 * the store names each, from before the first address is claimed until after
 * the last is given back: what this host leaves behind is found by these
 * records, by itself after a crash and by the janitor when it is gone.
 */
export class Membership {
  readonly #parts: MembershipParts
  readonly #serialised = new Serialised()
  /** Networks that somebody is busy on, and how many. */
  readonly #busy = new Map<string, number>()
  /** Networks whose record is in the store, as far as it is known. */
  #recorded = new Set<string>()
  #resumedAt = -Infinity

  constructor(parts: MembershipParts) {
    this.#parts = parts
  }

  /**
   * On the network at least until the task ends. STORE_UNAVAILABLE,
   * STORE_SETTLING.
   */
  async during<T>(network: string, task: () => Promise<T>): Promise<T> {
    const count = this.#busy.get(network) ?? 0
    this.#busy.set(network, count + 1)
    try {
      this.#parts.writer.requireSettled()
      await this.#serialised.run(network, () => this.#enter(network))
      return await task()
    } finally {
      const left = (this.#busy.get(network) ?? 1) - 1
      if (left > 0) this.#busy.set(network, left)
      else this.#busy.delete(network)
      await this.leaveUnused(network)
    }
  }

  /**
   * Takes up what this host has something on, by the records in the store, and
   * by the journal, whose networks are written again where the store lost them.
   */
  async resume(): Promise<void> {
    const { store, host, view, own } = this.#parts
    const { entries } = await store.snapshot([keys.members(host)])
    const recorded = entries.map(({ key }) => splitKey(key).id)
    this.#recorded = new Set(recorded)
    this.#resumedAt = this.#parts.clock.monotonic()
    await view.hold(recorded)
    const owned = own.endpoints().map(({ endpoint }) => endpoint.network)
    for (const network of new Set(owned)) {
      await this.#serialised.run(network, async () => {
        if (this.#isInUse(network)) await this.#enter(network)
      })
    }
  }

  /**
   * Compares with the records from time to time, which somebody may have
   * edited, and leaves the networks that nothing of this host is on any more.
   */
  async tidy(): Promise<void> {
    const { clock, config } = this.#parts
    if (clock.monotonic() - this.#resumedAt >= config.lease.dead) {
      await this.resume()
    }
    await this.leaveAllUnused()
  }

  /** Leaves the networks that nothing of this host is on any more. */
  async leaveAllUnused(): Promise<void> {
    for (const network of [...this.#parts.view.heldNetworks]) {
      await this.leaveUnused(network)
    }
  }

  /** Never rejects: what cannot be done now is done by `tidy`. */
  async leaveUnused(network: string): Promise<void> {
    try {
      await this.#serialised.run(network, () => this.#leave(network))
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'a network is left later')
    }
  }

  async #enter(network: string): Promise<void> {
    const { host, view, writer } = this.#parts
    if (!this.#recorded.has(network)) {
      const value = { network } satisfies Member
      await writer.submit({
        puts: [{ key: keys.member(host, network), value }],
      })
      this.#recorded.add(network)
    }
    await view.hold([network])
  }

  async #leave(network: string): Promise<void> {
    const { host, view, writer, own } = this.#parts
    if (!view.holds(network) || this.#isInUse(network)) return
    // An answer may have been lost: what it said is in the store.
    await writer.catchUp()
    if (this.#isInUse(network) || this.#hasRows(network)) return
    this.#recorded.delete(network)
    await writer.submit({ deletes: [keys.member(host, network)] })
    await view.drop(network)
    // It may have been noted after it was removed.
    if (!view.networks.has(network)) await own.forgetNetwork(network)
  }

  #isInUse(network: string): boolean {
    const { attachments, own } = this.#parts
    return (
      this.#busy.has(network) ||
      attachments.ofNetwork(network).length > 0 ||
      own.isOn(network)
    )
  }

  #hasRows(network: string): boolean {
    const { host, view } = this.#parts
    // What is left of one that was removed is freed by the janitor.
    if (!view.networks.has(network)) return false
    const endpoints = [...view.endpoints(network)].map(
      ([id, { value }]) => [keys.endpoint(network, id), value.host] as const,
    )
    const addresses = [...view.addresses(network)].map(
      ([ip, { value }]) =>
        [keys.address(network, ip), value.released ? '' : value.host] as const,
    )
    return [...endpoints, ...addresses].some(
      ([key, owner]) => owner === host && !view.vanished(key),
    )
  }
}
