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
    const { store, host, view, own, writer } = this.#parts
    const { entries } = await store.snapshot([keys.members(host)])
    const recorded = entries.map(({ key }) => splitKey(key).id)
    const owned = own.endpoints().map(({ endpoint }) => endpoint.network)
    const networks = new Set([...recorded, ...owned])
    const puts = [...networks]
      .filter((network) => !recorded.includes(network))
      .map((network) => memberPut(host, network))
    if (puts.length > 0) await writer.submit({ puts })
    await view.hold([...networks])
  }

  /** Leaves the networks that nothing of this host is on any more. */
  async leaveAllUnused(): Promise<void> {
    for (const network of [...this.#parts.view.heldNetworks]) {
      await this.leaveUnused(network)
    }
  }

  /** Never rejects: what cannot be done now is done when the store is back. */
  async leaveUnused(network: string): Promise<void> {
    try {
      await this.#serialised.run(network, () => this.#leave(network))
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'a network is left later')
    }
  }

  async #enter(network: string): Promise<void> {
    const { host, view, writer } = this.#parts
    if (view.holds(network)) return
    writer.requireSettled()
    await writer.submit({ puts: [memberPut(host, network)] })
    await view.hold([network])
  }

  async #leave(network: string): Promise<void> {
    const { host, view, writer } = this.#parts
    if (!view.holds(network) || this.#isInUse(network)) return
    // An answer may have been lost: what it said is in the store.
    await writer.catchUp()
    if (this.#isInUse(network) || this.#hasRows(network)) return
    await writer.submit({ deletes: [keys.member(host, network)] })
    await view.drop(network)
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
    const endpoints = [...view.endpoints(network).values()]
    const addresses = [...view.addresses(network).values()]
    return (
      endpoints.some(({ value }) => value.host === host) ||
      addresses.some(({ value }) => value.host === host && !value.released)
    )
  }
}

function memberPut(host: string, network: string) {
  const value: Member = { network }
  return { key: keys.member(host, network), value: { ...value } }
}
