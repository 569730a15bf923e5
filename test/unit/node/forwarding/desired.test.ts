import test from 'ava'
import fc from 'fast-check'
import { DesiredState } from '../../../../src/node/forwarding/desired.js'
import { LearnedSources } from '../../../../src/node/forwarding/learned-sources.js'
import { Programmer } from '../../../../src/node/forwarding/programmer.js'
import type { Way } from '../../../../src/node/forwarding/way.js'
import type { Versioned } from '../../../../src/store/cluster-view.js'
import type { Endpoint, Host } from '../../../../src/store/records.js'
import { FakeEngine } from '../../../support/fake-engine.js'
import { FakeSystem } from '../../../support/fake-system.js'
import { endpointView, hostView, networkView } from '../../frontends/sample.js'
import { recomputed } from './recomputed.js'

const network = {
  ...networkView.network,
  options: { 'overtap.peers': '192.0.2.9' },
}
const gatewayMac = '02:42:0a:00:00:01'
const macs = ['02:00:00:00:00:01', '02:00:00:00:00:02', gatewayMac]
const ownVtep = { address: '192.0.2.1', port: 4789 }

/** Records as a replica would have them, and a table that is kept current. */
class World {
  readonly hosts = new Map<string, Versioned<Host>>()
  readonly records = new Map<string, Versioned<Endpoint>>()
  readonly ports = new Map<string, number>()
  readonly learned = new LearnedSources()
  readonly local = {
    host: 'host1',
    vtep: ownVtep,
    portOf: (id: string) => this.ports.get(id),
    learned: this.learned,
  }
  readonly view = { hosts: this.hosts, endpoints: () => this.records }
  readonly state = new DesiredState(network, this.view, this.local)
  readonly engine = new FakeEngine(
    { ...ownVtep, workers: 1, multiqueue: false, disable: [] },
    new FakeSystem('192.0.2.1'),
  )
  readonly programmer = new Programmer(this.engine)
  #version = 0

  putEndpoint(id: string, host: string, mac: string): void {
    const value = { ...endpointView.endpoint, id, host, mac }
    this.records.set(id, { value, version: ++this.#version })
    this.state.update(id)
  }

  deleteEndpoint(id: string): void {
    this.records.delete(id)
    this.state.update(id)
  }

  putHost(name: string, number: number): void {
    const value = { ...hostView, name, address: `192.0.2.${number}` }
    this.hosts.set(name, { value, version: ++this.#version })
    this.state.updateHost(name)
  }

  deleteHost(name: string): void {
    this.hosts.delete(name)
    this.state.updateHost(name)
  }

  setPort(id: string, port: number | undefined): void {
    if (port === undefined) this.ports.delete(id)
    else this.ports.set(id, port)
    this.state.updateLocal([id])
  }

  learn(mac: string): void {
    this.learned.learn(network.id, mac, { ...ownVtep, address: '192.0.2.9' }, 0)
    this.state.updateMac(mac)
  }

  tell(): void {
    this.programmer.put(network.id, this.state, this.state.takeTouched())
  }
}

const endpointId = fc.constantFrom('e1', 'e2', 'e3', 'e4', 'e5')
const hostName = fc.constantFrom('host1', 'host2', 'host3')
const mac = fc.constantFrom(...macs)

/** Something that happens to a world. */
const step: fc.Arbitrary<(world: World) => void> = fc.oneof(
  fc.tuple(endpointId, hostName, mac).map((args) => (world: World) => {
    world.putEndpoint(...args)
  }),
  endpointId.map((id) => (world: World) => {
    world.deleteEndpoint(id)
  }),
  // Number 1 is this host's own address, which no other host should have.
  fc
    .tuple(hostName, fc.integer({ min: 1, max: 4 }))
    .map((args) => (world: World) => {
      world.putHost(...args)
    }),
  hostName.map((name) => (world: World) => {
    world.deleteHost(name)
  }),
  fc
    .tuple(endpointId, fc.option(fc.integer({ min: 1, max: 3 })))
    .map(([id, port]) => (world: World) => {
      world.setPort(id, port ?? undefined)
    }),
  mac.map((address) => (world: World) => {
    world.learn(address)
  }),
)

test('what is kept current equals what the records say', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World()
      for (const happen of steps) {
        happen(world)
        const { ways, vteps } = recomputed(network, world.view, world.local)
        t.deepEqual(new Map(sorted(world.state.ways)), new Map(sorted(ways)))
        t.deepEqual(new Map(sorted(world.state.vteps)), new Map(sorted(vteps)))
      }
    }),
    { numRuns: 300 },
  )
})

test('the engine is told all that differs, however seldom it is told', (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(step), { maxLength: 12 }), (turns) => {
      const world = new World()
      for (const steps of turns) {
        for (const happen of steps) happen(world)
        world.tell()
        const { vteps } = world.state
        t.deepEqual(told(world), wanted(world))
        const table = world.engine.table(256) ?? {}
        t.deepEqual(
          Object.keys(table).sort(),
          [...world.state.ways.keys()].sort(),
        )
        t.deepEqual(world.engine.vteps(256), [...vteps.keys()].sort())
        t.deepEqual(
          [...world.engine.peers.values()].sort(),
          [...vteps.keys()].sort(),
        )
      }
    }),
    { numRuns: 300 },
  )
})

test('of several endpoints with one MAC the newest counts, then the one before', (t) => {
  const world = new World()
  const [shared = ''] = macs
  for (const number of [2, 3, 4]) {
    world.putHost(`host${number}`, number)
    world.putEndpoint(`e${number}`, `host${number}`, shared)
  }
  const holder = () => {
    const way = world.state.ways.get(shared)
    return way?.kind === 'remote' ? way.endpoint.host : way?.kind
  }
  t.is(holder(), 'host4')
  world.deleteEndpoint('e3')
  t.is(holder(), 'host4')
  world.deleteEndpoint('e4')
  t.is(holder(), 'host2')
  world.deleteEndpoint('e2')
  t.is(holder(), undefined)
})

test('a VTEP stays while an endpoint is behind it', (t) => {
  const world = new World()
  const [first = '', second = ''] = macs
  world.putHost('host2', 2)
  world.putEndpoint('e1', 'host2', first)
  world.putEndpoint('e2', 'host2', second)
  world.deleteEndpoint('e1')
  t.true(world.state.vteps.has('192.0.2.2:4789'))
  world.deleteEndpoint('e2')
  t.false(world.state.vteps.has('192.0.2.2:4789'))
})

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** As the engine was told it, row by row. */
function told({ programmer }: World): Record<string, string> {
  return texts(programmer.told.get(network.id)?.ways ?? new Map<string, Way>())
}

function wanted({ view, local }: World): Record<string, string> {
  return texts(recomputed(network, view, local).ways)
}

function texts(ways: ReadonlyMap<string, Way>): Record<string, string> {
  return Object.fromEntries(
    [...ways].map(([address, way]) => [address, JSON.stringify(way)]),
  )
}
