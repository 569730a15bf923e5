import { configSchema } from '../../../src/base/config.js'
import { errors } from '../../../src/base/errors.js'
import { MemoryJournal } from '../../../src/journal/memory-journal.js'
import { createNode } from '../../../src/node/node.js'
import type { Node } from '../../../src/node/node.js'
import type { MemoryBackend } from '../../../src/store/memory-backend.js'
import { MemoryStore } from '../../../src/store/memory-store.js'
import type { Store } from '../../../src/store/store.js'
import type { FakeClock } from '../../support/fake-clock.js'
import { FakeEngine } from '../../support/fake-engine.js'
import { FakeSystem } from '../../support/fake-system.js'
import { Life, mortal } from '../../support/mortal.js'
import { RecordingLogger } from '../../support/recording-logger.js'

export const containers = ['a', 'b', 'c'] as const

/** Milliseconds: short, so that little time has to pass. */
export const times = {
  lease: { ttl: 1000, renew: 400, dead: 1000, hold: 3000 },
  quarantine: 1000,
  settle: 1000,
} as const

/** A daemon's process: what ends with it. */
export interface Process {
  readonly node: Node
  readonly engine: FakeEngine
  readonly store: MemoryStore
  readonly life: Life
}

/** A machine: what outlives its daemon are its namespaces and its disk. */
export class SimulatedHost {
  readonly name: string
  readonly address: string
  readonly system: FakeSystem
  readonly journal = new MemoryJournal()
  readonly logger = new RecordingLogger()
  readonly #backend: MemoryBackend
  readonly #clock: FakeClock
  #process: Process | undefined
  readonly #requests = new Set<Promise<unknown>>()
  #stopping = false
  /** A second daemon is refused: its UDP port is taken. */
  #starting = false
  #reachable = true
  #losesAnswer = false

  constructor(number: number, backend: MemoryBackend, clock: FakeClock) {
    this.name = `host${number}`
    this.address = `192.168.56.${number}`
    this.system = new FakeSystem(this.address)
    this.#backend = backend
    this.#clock = clock
    for (const name of containers) this.system.addNamespace(name)
  }

  /** Undefined while no daemon runs. */
  get process(): Process | undefined {
    return this.#process?.life.over === false ? this.#process : undefined
  }

  /** Undefined also when the daemon was killed while it started. */
  async start(): Promise<void> {
    if (this.process || this.#starting) return
    this.#starting = true
    const process = await this.#create()
    this.#starting = false
    this.#process = process
    try {
      await Promise.race([process.node.start(), process.life.ended])
    } catch (error) {
      process.life.end()
      throw error
    }
  }

  /**
   * Asks the daemon something; resolves to undefined when none runs, or when it
   * dies before it answers.
   */
  async ask<T>(request: (node: Node) => Promise<T>): Promise<T | undefined> {
    const { process } = this
    if (!process || this.#stopping) return undefined
    const answer = Promise.race([request(process.node), process.life.ended])
    this.#requests.add(answer)
    try {
      return (await answer) ?? undefined
    } finally {
      this.#requests.delete(answer)
    }
  }

  /** In order, and after all requests; what cannot be done now is left. */
  async stop(): Promise<void> {
    const { process } = this
    if (!process || this.#stopping) return
    this.#stopping = true
    try {
      await Promise.allSettled(this.#requests)
      await Promise.race([process.node.stop(), process.life.ended])
    } finally {
      process.life.end()
      this.#stopping = false
    }
  }

  /** After so many more of its calls to the outside. */
  kill(calls = 0): void {
    const { process } = this
    process?.life.endAfter(calls)
    if (calls > 0) return
    process?.life.end()
  }

  /** The machine loses its power: TAPs and namespaces are gone, the disk stays. */
  losePower(): void {
    this.kill()
    this.system.bridges.bridges.clear()
    this.system.firewall.tables.clear()
    containers.forEach((name) => {
      this.replaceContainer(name)
    })
  }

  /** A container ends, and another one gets its name. */
  replaceContainer(name: string): void {
    this.system.removeNamespace(name)
    const { engine } = this.process ?? {}
    for (const [port, { netns }] of engine?.ports ?? []) {
      if (netns === `/run/netns/${name}`) engine?.losePort(port)
    }
    this.system.addNamespace(name)
  }

  /** Cuts it off from the store, or heals that. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable
    this.process?.store.setReachable(reachable)
  }

  /** The next write of records is made, but cut off before it is answered. */
  loseAnswer(loses = true): void {
    this.#losesAnswer = loses
  }

  async #create(): Promise<Process> {
    const life = new Life()
    const store = new MemoryStore(this.#backend)
    void life.ended.then(() => store.close())
    store.setReachable(this.#reachable)
    const engines: FakeEngine[] = []
    const node = await createNode({
      config: configSchema.parse({
        host: this.name,
        ...times,
      }),
      store: mortal(this.#lossy(store), life),
      engine: (options) => {
        const engine = new FakeEngine(options, this.system)
        engines.push(engine)
        return mortal(engine, life)
      },
      system: mortal(this.system, life),
      journal: mortal(this.journal, life),
      logger: mortal(this.logger, life),
      clock: this.#clock,
    })
    const [engine] = engines
    if (!engine) throw new Error('the node made no engine')
    return { node, engine, store, life }
  }

  #lossy(store: MemoryStore): Store {
    return new Proxy<Store>(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        const call = (...args: unknown[]): unknown =>
          Reflect.apply(member, target, args)
        if (name !== 'commit' && name !== 'claimFirst') return call
        return async (...args: unknown[]): Promise<unknown> => {
          const answer = await call(...args)
          if (!this.#losesAnswer) return answer
          this.#losesAnswer = false
          this.setReachable(false)
          throw errors.STORE_UNAVAILABLE('the answer was lost')
        }
      },
    })
  }
}
