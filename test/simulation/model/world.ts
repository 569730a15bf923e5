import { MemoryBackend } from '../../../src/store/memory-backend.js'
import { FakeClock } from '../../support/fake-clock.js'
import { networkRequest } from '../../support/test-node.js'
import { until } from '../../support/until.js'
import { Expectations } from './expectations.js'
import { SimulatedHost, times } from './simulated-host.js'

/** So that no timer of a daemon waits for longer than it would in truth. */
const sliceMs = 200

/** By then every lease, hold and quarantine that was running is over. */
const quietMs =
  times.lease.ttl +
  times.lease.dead +
  times.lease.hold +
  times.quarantine +
  times.settle +
  3000

/** Some machines, one store, one time. */
export class World {
  readonly clock = new FakeClock()
  readonly backend = new MemoryBackend({ now: () => this.clock.now() })
  readonly hosts: readonly SimulatedHost[]
  readonly expectations = new Expectations()
  #restore: () => void = () => undefined

  private constructor(hostCount: number) {
    this.hosts = Array.from(
      { length: hostCount },
      (_, index) => new SimulatedHost(index + 2, this.backend, this.clock),
    )
  }

  /** With all daemons running, and some networks. */
  static async start(
    hostCount: number,
    networks: readonly string[],
  ): Promise<World> {
    const world = new World(hostCount)
    await Promise.all(world.hosts.map((host) => host.start()))
    for (const name of networks) {
      const request = networkRequest({ name })
      await world.host(0).ask((node) => node.networks.create(request))
    }
    return world
  }

  host(index: number): SimulatedHost {
    const host = this.hosts[index]
    if (!host) throw new Error(`there is no host ${index}`)
    return host
  }

  /** Nothing is certain any more about a host, or one container there. */
  forget(host: number, container?: string): void {
    const { name } = this.host(host)
    this.expectations.forget({ host: name, ...(container && { container }) })
  }

  /** Copies the store, in place of the copy before. */
  backUp(): void {
    this.#restore = this.backend.backup()
  }

  /** Puts the last copy in the place of the store, if there is one. */
  restore(): void {
    this.#restore()
  }

  /** Time passes, and everybody does what is due. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= sliceMs) {
      this.clock.advance(Math.min(left, sliceMs))
      await turn()
    }
  }

  /** Heals everything, starts every daemon, and waits until nothing changes. */
  async settle(): Promise<void> {
    for (const host of this.hosts) {
      host.setReachable(true)
      host.loseAnswer(false)
      // Also one that was to die a few calls from now.
      if (host.process?.life.doomed) host.kill()
    }
    await Promise.all(this.hosts.map((host) => host.start()))
    await this.quiet()
  }

  /** Until all hosts have read everything and time has nothing more to change. */
  async quiet(): Promise<void> {
    await this.pass(quietMs)
    let revision = -1
    await until(async () => {
      await this.pass(sliceMs)
      const before = revision
      revision = this.backend.position.revision
      return before === revision && this.#isCurrent()
    }, 'the store to come to rest')
  }

  /** Whether all have read everything; a daemon waits a little before it does. */
  #isCurrent(): boolean {
    const { revision } = this.backend.position
    return this.hosts.every(
      ({ process }) => process?.node.status().store.revision === revision,
    )
  }

  stop(): void {
    this.hosts.forEach((host) => {
      host.kill()
    })
  }
}

/** What can be done without time passing is done. */
export async function turn(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}
