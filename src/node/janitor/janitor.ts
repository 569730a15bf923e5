import type { Clock } from '../../base/clock.js'
import type { Config } from '../../base/config.js'
import { isOvertapError } from '../../base/errors.js'
import type { Logger } from '../../base/log.js'
import type { EventLog } from '../events/event-log.js'
import type { DoubtfulHosts } from './doubtful-hosts.js'
import { HostEvents } from './host-events.js'
import type { HostPhase } from './host-phase.js'
import { HostWatch } from './host-watch.js'
import type { HostSign } from './host-watch.js'
import { freeHost, withdrawEndpoints } from './withdraw.js'
import type { WithdrawParts } from './withdraw.js'

/** Something that one daemon of the cluster has to do from time to time. */
export interface Job {
  readonly name: string
  readonly run: () => Promise<unknown>
}

export interface JanitorParts extends WithdrawParts {
  readonly host: string
  readonly config: Config
  readonly view: WithdrawParts['view'] & { readonly settling: boolean }
  readonly events: EventLog
  /** Told which hosts are late. */
  readonly doubtful: DoubtfulHosts
  readonly clock: Clock
  readonly log: Logger
  readonly jobs: readonly Job[]
  /** What every daemon does for itself in its turn. */
  readonly tidy: () => Promise<void>
}

/** Time per host between two looks at all leases, so that the store has rest. */
const perHostMs = 20

/**
 * Looks after hosts that are gone. Every daemon watches and tells; the one with
 * the smallest name of those alive cleans up. Two that think they are it do no
 * harm: all they do is guarded by versions.
 */
export class Janitor {
  readonly #parts: JanitorParts
  readonly #watch: HostWatch
  readonly #hostEvents: HostEvents
  #cancel: () => void = () => undefined
  #working: Promise<void> = Promise.resolve()
  #stopped = true

  constructor(parts: JanitorParts) {
    this.#parts = parts
    this.#watch = new HostWatch(parts.clock, parts.config.lease)
    this.#hostEvents = new HostEvents(parts.events, parts.log)
  }

  start(): void {
    this.#stopped = false
    this.#schedule(this.#parts.config.lease.renew)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }

  #schedule(ms: number): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#working = this.#turn().then((next) => {
        this.#schedule(next)
      })
    })
  }

  /** Resolves to when the next one is due; never rejects. */
  async #turn(): Promise<number> {
    const { host, config, log, view, store, doubtful } = this.#parts
    if (view.settling || store.state !== 'connected') {
      this.#forget()
      return config.lease.renew
    }
    try {
      await this.#parts.tidy()
      const signs = await this.#signs()
      const phases = this.#watch.look(signs)
      this.#hostEvents.tell(phases, host)
      doubtful.see(phases)
      if (this.#isReaper(phases)) await this.#cleanUp(signs, phases)
      return Math.max(config.lease.renew, signs.length * perHostMs)
    } catch (error) {
      const expected = isOvertapError(
        error,
        'STORE_UNAVAILABLE',
        'STORE_FENCED',
      )
      if (expected) this.#forget()
      else
        log.warn({ err: error }, 'leftovers of other hosts are not cleaned up')
      return config.lease.renew
    }
  }

  #forget(): void {
    this.#watch.forget()
    this.#parts.doubtful.forget()
  }

  /** Hosts with a lease, and those that are listed without one. */
  async #signs(): Promise<HostSign[]> {
    const leases = await this.#parts.store.leases()
    const leased = new Set(leases.map(({ host }) => host))
    const others = [...this.#parts.view.hosts.keys()]
    return [
      ...leases.map((lease) => ({ host: lease.host, lease })),
      ...others
        .filter((host) => !leased.has(host))
        .map((host) => ({ host, lease: undefined })),
    ]
  }

  #isReaper(phases: ReadonlyMap<string, HostPhase>): boolean {
    const alive = [...phases].flatMap(([host, phase]) =>
      phase === 'up' ? host : [],
    )
    return alive.sort()[0] === this.#parts.host
  }

  async #cleanUp(
    signs: readonly HostSign[],
    phases: ReadonlyMap<string, HostPhase>,
  ): Promise<void> {
    const { jobs, log } = this.#parts
    for (const { name, run } of jobs) {
      log.debug({ step: name }, 'the janitor is at work')
      await run()
    }
    for (const sign of signs) {
      const { host } = sign
      const phase = phases.get(host)
      if (phase === 'dead') {
        const count = await withdrawEndpoints(host, this.#parts)
        if (count > 0) log.warn({ host }, `${count} containers withdrawn`)
      } else if (phase === 'freed') {
        const count = await freeHost(sign, this.#parts)
        log.warn({ host }, `a host is given up; ${count} addresses freed`)
      }
    }
  }
}
