import { systemClock, type Clock } from '../../../base/clock.js'
import { Coalesced } from '../../../base/coalesced.js'
import { backoff } from '../../../base/backoff.js'
import { NameKeeper } from './name-keeper.js'
import { NetworkKeeper } from './network-keeper.js'
import type { AgentParts } from './ports.js'
import type { DockerEvent } from './schema.js'

export interface DockerStatus {
  /** `asking` until it has answered, or not. */
  readonly state: 'asking' | 'connected' | 'away'
  /** Docker's, as it was told last; empty before. */
  readonly version: string
  /** Why it is away; empty when it is not. */
  readonly problem: string
}

/** Everything is compared this often, give or take a quarter. */
const everyMs = 60_000
/** After a failure; doubled with each one that follows. */
const firstRetryMs = 500
/** A connection that lasted so long was no mere attempt. */
const steadyMs = 5000
/** Events are asked for from before the connection, so that none is missed. */
const overlapMs = 1000

/** What in the life of a container may change its names or its endpoints. */
const containerActions = ['start', 'rename']

/**
 * Keeps Docker and the cluster together: networks appear in Docker on each host,
 * and containers get their names in DNS. It talks to Docker as any client does,
 * and never while Docker waits for the driver.
 */
export class DockerAgent {
  readonly #options: AgentParts
  readonly #clock: Clock
  readonly #networks: NetworkKeeper
  readonly #names: NameKeeper
  readonly #round: Coalesced
  readonly #stopping = new AbortController()
  #following = Promise.resolve()
  #unsubscribe: () => void = () => undefined
  #callOff: () => void = () => undefined
  /** Rounds that failed one after the other. */
  #failures = 0
  #status: DockerStatus = { state: 'asking', version: '', problem: '' }

  constructor(options: AgentParts) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#networks = new NetworkKeeper(options)
    this.#names = new NameKeeper(options)
    this.#round = new Coalesced(() => this.#reconcile())
  }

  /** Docker may come later. */
  start(): void {
    this.#unsubscribe = this.#options.node.networks.onChange(() => {
      this.#ask()
    })
    this.#following = this.#follow()
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#callOff()
    this.#stopping.abort()
    this.#options.docker.close()
    await this.#following
    await this.#round.idle()
  }

  status(): DockerStatus {
    return this.#status
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    let attempt = 0
    while (!signal.aborted) {
      const since = this.#clock.monotonic()
      try {
        await this.#session()
        this.#away('the connection ended')
      } catch (error) {
        this.#away(error instanceof Error ? error.message : String(error))
      }
      const lastedMs = this.#clock.monotonic() - since
      attempt = lastedMs < steadyMs ? attempt + 1 : 0
      await backoff(attempt, signal, this.#clock)
    }
  }

  /** From a connection to its end. */
  async #session(): Promise<void> {
    const { docker } = this.#options
    const { signal } = this.#stopping
    const since = this.#clock.now() - overlapMs
    const version = await docker.version()
    this.#networks.forget()
    this.#names.forget()
    this.#connected(version)
    this.#ask()
    for await (const event of docker.events(since, signal)) this.#heed(event)
  }

  #heed({ Type, Action, Actor }: DockerEvent): void {
    if (Type === 'container' && containerActions.includes(Action)) {
      this.#look(Actor.ID)
    }
    if (Type !== 'network') return
    const { type, container } = Actor.Attributes
    if (type !== this.#options.driver) return
    if (Action === 'connect' && container !== undefined) this.#look(container)
    // Whoever was in the way of a removal may be gone.
    else this.#ask()
  }

  #look(container: string): void {
    void this.#names.look(container).then((worked) => {
      if (!worked) this.#ask()
    })
  }

  #ask(): void {
    if (this.#stopping.signal.aborted) return
    if (this.#status.state === 'connected') this.#round.ask()
  }

  async #reconcile(): Promise<void> {
    this.#callOff()
    const worked = await this.#attempt()
    if (this.#stopping.signal.aborted) return
    this.#failures = worked ? 0 : this.#failures + 1
    const pauseMs = worked
      ? everyMs * (0.75 + Math.random() / 2)
      : Math.min(everyMs, firstRetryMs * 2 ** (this.#failures - 1))
    this.#callOff = this.#clock.after(pauseMs, () => {
      this.#ask()
    })
  }

  async #attempt(): Promise<boolean> {
    try {
      const networks = await this.#networks.reconcile()
      return (await this.#names.reconcile()) && networks
    } catch (error) {
      if (this.#stopping.signal.aborted) return false
      this.#options.log.warn({ err: error }, 'Docker is asked again')
      return false
    }
  }

  #connected(version: string): void {
    const { log, node } = this.#options
    if (this.#status.state === 'connected') return
    this.#status = { state: 'connected', version, problem: '' }
    log.info({}, `connected to Docker ${version}`)
    node.events.record('docker-back', `Docker ${version} is reached`)
  }

  #away(problem: string): void {
    const { log, node } = this.#options
    const { state } = this.#status
    this.#networks.forget()
    this.#status = { ...this.#status, state: 'away', problem }
    if (this.#stopping.signal.aborted || state === 'away') return
    log.warn({ reason: problem }, 'Docker is away')
    node.events.record('docker-lost', `Docker is not reached: ${problem}`)
  }
}
