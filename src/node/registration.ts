import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../base/clock.js'
import type { Config } from '../base/config.js'
import { errors, isOvertapError } from '../base/errors.js'
import type { Logger } from '../base/log.js'
import { keys } from '../store/records.js'
import type { Host } from '../store/records.js'
import type { LeaseToken, Store } from '../store/store.js'

export interface RegistrationParts {
  readonly config: Pick<Config, 'host' | 'lease'>
  /** Whether containers stay connected when the daemon stops. */
  readonly keeps: () => boolean
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
  /** This host's identity; a restarted daemon has the same. */
  readonly owner: string
  /** The host's record as it is now. */
  readonly describe: () => Promise<Host>
  /** Called when the lease was lost and there is another one; must not throw. */
  readonly onRegisteredAgain: () => void
}

/** Keeps this host in the list of hosts: its lease and its record. */
export class Registration {
  readonly #parts: RegistrationParts
  #lease: LeaseToken | null = null
  /** The host's record as it was written last. */
  #record: Host | undefined
  #cancel: () => void = () => undefined
  #renewing: Promise<void> = Promise.resolve()
  #stopped = true
  #refused = false

  constructor(parts: RegistrationParts) {
    this.#parts = parts
  }

  /** Throws STORE_FENCED while the host is not registered. */
  get lease(): LeaseToken {
    if (this.#lease === null) throw errors.STORE_FENCED(this.#parts.config.host)
    return this.#lease
  }

  /** Whether this is the lease that this daemon was given last. */
  isHolder({ fence }: Pick<LeaseToken, 'fence'>): boolean {
    return this.#lease?.fence === fence
  }

  /** Rejects with HOST_IDENTITY_TAKEN while another daemon has the name. */
  async start(): Promise<void> {
    await this.#register()
    this.#stopped = false
    this.#schedule()
  }

  /** Takes the host off the list at once, or with `keep` when its time is up. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#renewing
    const lease = this.#lease
    const { store, config } = this.#parts
    if (lease === null || this.#parts.keeps()) return
    this.#lease = null
    await store.commit({ deletes: [keys.host(config.host)], lease })
    await store.release(lease)
  }

  /** Whether this is the host's record as this daemon wrote it. */
  isCurrent(record: Host | undefined): boolean {
    return isDeepStrictEqual(record, this.#record)
  }

  /** Writes the host's record again. STORE_FENCED, STORE_UNAVAILABLE. */
  async reassert(): Promise<void> {
    const { config, store } = this.#parts
    if (this.#stopped || !this.#record) return
    const put = { key: keys.host(config.host), value: this.#record }
    await store.commit({ puts: [put], lease: this.lease })
  }

  /** Does not wait for the next turn; never rejects. */
  async renewNow(): Promise<void> {
    if (this.#stopped) return
    this.#cancel()
    await this.#turn()
  }

  /** After one turn that is under way already, if there is one. */
  #turn(): Promise<void> {
    this.#renewing = this.#renewing
      .then(() => this.#renew())
      .finally(() => {
        this.#schedule()
      })
    return this.#renewing
  }

  #schedule(): void {
    if (this.#stopped) return
    const { clock, config } = this.#parts
    this.#cancel()
    this.#cancel = clock.after(config.lease.renew, () => void this.#turn())
  }

  /** Never rejects: whatever is wrong, the next turn tries again. */
  async #renew(): Promise<void> {
    const { store, config } = this.#parts
    try {
      if (this.#lease === null) await this.#register()
      else await store.renew(this.#lease, config.lease.ttl)
    } catch (error) {
      if (isOvertapError(error, 'STORE_UNAVAILABLE')) return
      if (isOvertapError(error, 'STORE_FENCED')) await this.#registerAgain()
      else this.#reportRefusal(error)
    }
    if (this.#lease !== null) this.#refused = false
  }

  async #registerAgain(): Promise<void> {
    const { config, log } = this.#parts
    this.#lease = null
    log.warn({ host: config.host }, 'lease lost; registering again')
    try {
      await this.#register()
    } catch (error) {
      this.#reportRefusal(error)
    }
  }

  /** Once, not every few seconds. */
  #reportRefusal(error: unknown): void {
    const { config, log } = this.#parts
    if (this.#refused) return
    this.#refused = true
    log.error({ err: error, host: config.host }, 'cannot register this host')
  }

  async #register(): Promise<void> {
    const { config, store, log, owner, describe } = this.#parts
    const host = await describe()
    const lease = await store.register({
      host: host.name,
      owner,
      address: host.address,
      ttlMs: config.lease.ttl,
      // Its addresses are kept so long for the one that had the name.
      holdMs: config.lease.dead + config.lease.hold,
    })
    await store.commit({
      puts: [{ key: keys.host(host.name), value: host }],
      lease,
    })
    const again = this.#record !== undefined
    this.#lease = lease
    this.#record = host
    const { address, name } = host
    log.info({ host: name, address, fence: lease.fence }, 'host registered')
    if (again) this.#parts.onRegisteredAgain()
  }
}
