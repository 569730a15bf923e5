import { configSchema } from '../../src/base/config.js'
import type { Config } from '../../src/base/config.js'
import { createNode } from '../../src/node/node.js'
import type { Node } from '../../src/node/node.js'
import type { ConnectRequest, CreateNetwork } from '../../src/node/use-cases.js'
import { MemoryJournal } from '../../src/journal/memory-journal.js'
import { MemoryBackend } from '../../src/store/memory-backend.js'
import { MemoryStore } from '../../src/store/memory-store.js'
import { FakeClock } from './fake-clock.js'
import { FakeEngine } from './fake-engine.js'
import { FakeSystem } from './fake-system.js'
import { RecordingLogger } from './recording-logger.js'

type ConfigInput = Partial<Config>

/** Containers have what the test connects them to; tests of it switch it on. */
const withoutGateway = { gateway: { subnet: 'off' } } as const

/** A daemon on fakes: everything but packets, namespaces and Redis is real. */
export interface TestNode {
  readonly node: Node
  readonly engine: FakeEngine
  readonly system: FakeSystem
  readonly store: MemoryStore
  readonly logger: RecordingLogger
}

/** Several daemons of one cluster in this process, with a clock of their own. */
export class TestCluster {
  readonly clock = new FakeClock()
  /** How far the store's clock is ahead of the hosts', milliseconds. */
  storeAheadMs = 0
  readonly backend = new MemoryBackend({
    now: () => this.clock.monotonic() + this.storeAheadMs,
  })
  readonly #started: TestNode[] = []
  /** A host keeps its journal whatever becomes of its daemon. */
  readonly #journals = new WeakMap<FakeSystem, MemoryJournal>()

  /** The daemon of `host<number>`, at 192.168.56.<number>, started. */
  async start(number: number, config: ConfigInput = {}): Promise<TestNode> {
    const one = await this.create(number, config)
    await one.node.start()
    this.#started.push(one)
    return one
  }

  async create(
    number: number,
    config: ConfigInput = {},
    system = new FakeSystem(`192.168.56.${number}`),
  ): Promise<TestNode> {
    const store = new MemoryStore(this.backend)
    const logger = new RecordingLogger()
    const engines: FakeEngine[] = []
    const node = await createNode({
      config: configSchema.parse({
        host: `host${number}`,
        ...withoutGateway,
        ...config,
      }),
      store,
      engine: (options) => {
        const engine = new FakeEngine(options, system)
        engines.push(engine)
        return engine
      },
      system,
      journal: this.journal(system),
      logger,
      clock: this.clock,
    })
    const [engine] = engines
    if (!engine) throw new Error('the node made no engine')
    return { node, engine, system, store, logger }
  }

  /** The journal of a host. */
  journal(system: FakeSystem): MemoryJournal {
    const journal = this.#journals.get(system) ?? new MemoryJournal()
    this.#journals.set(system, journal)
    return journal
  }

  /** Stops all that were started here and not stopped by the test. */
  async stop(): Promise<void> {
    for (const { node } of this.#started) await node.stop().catch(() => null)
  }
}

export function networkRequest(part: Partial<CreateNetwork>): CreateNetwork {
  return {
    name: 'ov_net1',
    subnets: [],
    gateways: [],
    ipRanges: [],
    internal: false,
    options: {},
    labels: {},
    ...part,
  }
}

export function connectRequest(part: Partial<ConnectRequest>): ConnectRequest {
  return {
    network: 'ov_net1',
    target: 'bbox1',
    aliases: [],
    publish: [],
    ...part,
  }
}
