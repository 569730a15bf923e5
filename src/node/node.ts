import { systemClock, timestamp } from '../base/clock.js'
import type { Clock } from '../base/clock.js'
import type { Config } from '../base/config.js'
import type { Logger } from '../base/log.js'
import { version } from '../base/version.js'
import type { Engine, EngineListener, EngineOptions } from '../engine/engine.js'
import type { Journal } from '../journal/journal.js'
import type { Host } from '../store/records.js'
import { Replica } from '../store/replica.js'
import type { Store } from '../store/store.js'
import type { System } from '../system/system.js'
import { advertisedAddress } from './advertise.js'
import { Announcements } from './announcements.js'
import { Attachments } from './attachments.js'
import { Driver } from './driver/driver.js'
import { NetworkMap } from './driver/network-map.js'
import type { DriverParts } from './driver/parts.js'
import { SandboxWatch } from './driver/sandbox-watch.js'
import { Directories } from './directories.js'
import { AddressIndex } from './endpoints/address-index.js'
import { Endpoints } from './endpoints/endpoints.js'
import { NamespaceWatch } from './endpoints/namespace-watch.js'
import { EventLog } from './events/event-log.js'
import { ChangeEvents } from './events/from-changes.js'
import { Quarantine } from './endpoints/quarantine.js'
import { Forwarding } from './forwarding/forwarding.js'
import { PublishedPorts } from './gateway/published-ports.js'
import { Gateway } from './gateway/gateway.js'
import { nodeHealth } from './health.js'
import { Hosts } from './hosts.js'
import { Ipam } from './ipam/ipam.js'
import { DoubtfulHosts } from './janitor/doubtful-hosts.js'
import { Janitor } from './janitor/janitor.js'
import { Lifecycle, stage } from './lifecycle.js'
import type { Stage } from './lifecycle.js'
import { findNetwork } from './network-lookup.js'
import { Membership } from './membership.js'
import { Dns } from './names/dns.js'
import { NameService } from './names/name-service.js'
import { PathMtus } from './paths/path-mtus.js'
import { Networks } from './networks.js'
import { foreignPrefixes } from './own-routes.js'
import { OwnRecords } from './ownership/own-records.js'
import { Ownership } from './ownership/ownership.js'
import { Rows } from './rows.js'
import { RecordWriter } from './record-writer.js'
import { Registration } from './registration.js'
import { nodeStatus } from './status.js'
import { StoreWatch } from './store-watch.js'
import { Upcalls } from './upcalls.js'
import type { UseCases } from './use-cases.js'

export interface NodeDependencies {
  readonly config: Config
  /** Not connected yet; the node does that. */
  readonly store: Store
  /** Makes the engine once the node knows which address it advertises. */
  readonly engine: (options: EngineOptions) => Engine
  readonly system: System
  /** Not opened yet, either. */
  readonly journal: Journal
  readonly logger: Logger
  readonly clock?: Clock
}

/** One host's daemon without its frontends. */
export interface Node extends UseCases {
  /** Resolves when changes work and what was here before forwards again. */
  start(): Promise<void>
  /** Takes this host and its containers off the overlay. */
  stop(): Promise<void>
}

/** Finds out what this host is and puts the parts together; nobody is told yet. */
export async function createNode(
  dependencies: NodeDependencies,
): Promise<Node> {
  const { config, system } = dependencies
  const address = await advertisedAddress(config, system.routes)
  const hostId = await system.hostId(config.state)
  const core = createCore(dependencies, address)
  const registration = new Registration({
    ...core,
    // A copy of the state directory on another host has another address.
    owner: `${hostId} ${address}`,
    describe: () => describeHost(core),
    keeps: () => core.attachments.stay(config),
    onRegisteredAgain: () => void makeUp({ endpoints, ownership, ...core }),
  })
  const writer = new RecordWriter(
    core.store,
    core.view,
    () => registration.lease,
  )
  const membership = new Membership({ ...core, writer })
  const paths = new PathMtus(core)
  const forwarding = new Forwarding({ ...core, paths })
  const names = new NameService(core)
  const upcalls = new Upcalls({ ...core, forwarding, names })
  const gateway = new Gateway(core)
  const forEndpoints = { writer, membership, forwarding, gateway }
  const endpoints = new Endpoints({ ...core, ...forEndpoints })
  const ownership: Ownership = new Ownership({
    ...core,
    writer,
    membership,
    registration,
    exclusively: (attachment, task) => endpoints.exclusively(attachment, task),
    isolate: (attachment, rival) => endpoints.isolate(attachment, rival),
    rejoin: (attachment) => endpoints.rejoin(attachment),
  })
  const services = { registration, forwarding, upcalls, gateway, names }
  const changes = { endpoints, ownership }
  const parts = { ...core, writer, paths, ...services, ...changes }
  const lifecycle = new Lifecycle(stages(parts), core.log)
  const hosts = new Hosts(core)
  const networks = new Networks({ ...core, writer })
  return {
    hosts,
    networks,
    endpoints,
    driver: driverOf({ ...core, ...forEndpoints, networks, endpoints }),
    events: core.events,
    dns: new Dns({ ...core, writer, names }),
    ipam: new Ipam({ ...core, writer }),
    status: () => nodeStatus(parts),
    health: () => nodeHealth(parts, hosts),
    forwarding: (reference) => {
      if (reference === undefined) return forwarding.rows()
      return forwarding.rows(findNetwork(core.view, reference).value.id)
    },
    start: () => lifecycle.start(),
    stop: () => lifecycle.stop(),
  }
}

function driverOf(parts: Omit<DriverParts, 'map'> & Pick<Core, 'journal'>) {
  return new Driver({ ...parts, map: new NetworkMap(parts.journal) })
}

type Core = ReturnType<typeof createCore>

/** What most parts share. */
function createCore(dependencies: NodeDependencies, address: string) {
  const { config, store, system, journal, logger: log } = dependencies
  const { clock = systemClock } = dependencies
  const { host, port, workers, multiqueue, disable } = config
  const settleMs = config.settle
  const doubtful = new DoubtfulHosts()
  const view = new Replica(store, { logger: log, clock, settleMs })
  return {
    config,
    host,
    vtep: { address, port },
    startedAt: timestamp(clock),
    store,
    view,
    rows: new Rows({ store, view, log }),
    engine: dependencies.engine({
      address,
      port,
      workers,
      multiqueue,
      disable,
    }),
    system,
    routes: system.routes,
    attachments: new Attachments(),
    published: new PublishedPorts(system.ports),
    doubtful,
    directories: new Directories(view, doubtful.has),
    addresses: new AddressIndex(view),
    events: new EventLog(clock),
    journal,
    own: new OwnRecords(journal, log),
    clock,
    log,
  }
}

async function describeHost(core: Core): Promise<Host> {
  const { host: name, vtep, startedAt, routes, view } = core
  const prefixes = foreignPrefixes(await routes.prefixes(), view)
  return { name, ...vtep, version, startedAt, routes: prefixes }
}

interface Parts extends Core {
  readonly writer: RecordWriter
  readonly registration: Registration
  readonly paths: PathMtus
  readonly forwarding: Forwarding
  readonly upcalls: Upcalls
  readonly gateway: Gateway
  readonly names: NameService
  readonly endpoints: Endpoints
  readonly ownership: Ownership
}

/** The order of starting; stopping is its reverse. */
function stages(parts: Parts): Stage[] {
  const { store, view, engine, registration, forwarding, endpoints } = parts
  const { journal, ownership, paths, gateway } = parts
  return [
    {
      name: 'journal',
      start: () => journal.open(),
      stop: () => journal.close(),
    },
    {
      name: 'store',
      start: () => store.connect(),
      stop: () => store.close(),
    },
    {
      name: 'records',
      start: () => followRecords(parts),
      stop: () => view.stop(),
    },
    { name: 'names', start: () => parts.names.start() },
    {
      name: 'engine',
      start: () => engine.start(listener(parts)),
      stop: () => engine.stop(),
    },
    {
      name: 'path MTUs',
      stop: () => {
        paths.stop()
      },
    },
    stage('forwarding', forwarding),
    stage('registration', registration),
    stage('gateway', gateway),
    {
      name: 'containers',
      start: () => endpoints.reconcile(),
      stop: () => endpoints.releaseAll(),
    },
    {
      // What is under way is answered while there are ports to answer into.
      name: 'late answers',
      stop: async () => {
        await parts.names.stop()
        parts.upcalls.stop()
      },
    },
    stage('own records', ownership),
    stage('namespace watch', namespaceWatch(parts)),
    stage('sandbox watch', new SandboxWatch(parts)),
    stage('store watch', storeWatch(parts)),
    stage('janitor', janitor(parts)),
  ]
}

/** Names come before the packets that ask for them. */
function followRecords(parts: Parts) {
  const { view, directories, addresses, forwarding, attachments } = parts
  const { ownership, own, events, names } = parts
  const news = new ChangeEvents(events, view)
  const announcements = new Announcements(parts)
  view.onChange((changes) => {
    for (const { kind, after } of changes) {
      if (kind === 'network' && after) attachments.networkChanged(after)
    }
    addresses.apply(changes)
    const moves = directories.apply(changes)
    forwarding.apply(changes)
    names.apply(changes)
    announcements.tell(moves)
    ownership.apply(changes)
  })
  view.onNews((changes) => {
    news.apply(changes)
  })
  return view.start(own.seen())
}

function listener({ upcalls, endpoints, paths, log }: Parts): EngineListener {
  return {
    upcalls: (batch) => {
      upcalls.handle(batch)
    },
    portLost: (port) => {
      endpoints.portLost(port).catch((error: unknown) => {
        log.error({ err: error, port }, 'a lost container is not cleaned up')
      })
    },
    pathDoubted: (peer) => {
      paths.doubt(peer)
    },
  }
}

function namespaceWatch({ endpoints, system, ...core }: Parts) {
  return new NamespaceWatch({
    ...core,
    namespaces: system.namespaces,
    onGone: (namespace) => endpoints.namespaceGone(namespace),
  })
}

function janitor(parts: Parts): Janitor {
  const quarantine = new Quarantine(parts)
  const jobs = [{ name: 'quarantine', run: () => quarantine.sweep() }]
  return new Janitor({ ...parts, jobs, tidy: () => parts.endpoints.tidy() })
}

function storeWatch(parts: Parts) {
  return new StoreWatch({
    ...parts,
    onBack: async () => {
      await parts.registration.renewNow()
      await makeUp(parts)
    },
  })
}

/** Does what was left undone while this host could not write; never rejects. */
async function makeUp({
  endpoints,
  ownership,
  log,
}: Pick<Parts, 'endpoints' | 'ownership' | 'log'>): Promise<void> {
  try {
    await endpoints.reconcile()
  } catch (error) {
    log.warn({ err: error }, 'leftovers are not cleaned up')
  }
  await ownership.reassert()
}
