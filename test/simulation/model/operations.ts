import fc from 'fast-check'
import { isOvertapError } from '../../../src/base/errors.js'
import type { Node } from '../../../src/node/node.js'
import { connectRequest, networkRequest } from '../../support/test-node.js'
import { containers } from './simulated-host.js'
import { turn } from './world.js'
import type { World } from './world.js'

export const hostCount = 3

/** How much time passes at once for somebody who waits. */
const stuckMs = 1000

export const networks = ['n1', 'n2'] as const

const host = fc.nat(hostCount - 1)
const network = fc.constantFrom(...networks)
const container = fc.constantFrom(...containers)
/** Calls to the outside until it dies; most things take fewer than 30. */
const calls = fc.nat(30)
const ms = fc.constantFrom(200, 1000, 3000, 8000)

function verb<T extends string, F extends object>(
  weight: number,
  name: T,
  fields: { [K in keyof F]: fc.Arbitrary<F[K]> },
) {
  const arbitrary = fc.record({ verb: fc.constant(name), ...fields })
  return { weight, arbitrary: arbitrary as fc.Arbitrary<{ verb: T } & F> }
}

const action = fc.oneof(
  verb(4, 'create', { host, network }),
  verb(3, 'remove', { host, network }),
  verb(24, 'connect', { host, network, container }),
  verb(5, 'disconnect', { host, network, container }),
  verb(1, 'replace', { host, container }),
  verb(3, 'kill', { host, calls }),
  verb(1, 'lose power', { host }),
  verb(1, 'stop', { host }),
  verb(8, 'start', { host }),
  verb(2, 'cut', { host }),
  verb(4, 'heal', { host }),
  verb(1, 'cut all', {}),
  verb(4, 'heal all', {}),
  verb(2, 'lose answer', { host }),
  verb(1, 'compact', {}),
  verb(1, 'lose all', {}),
  verb(2, 'back up', {}),
  verb(2, 'restore', {}),
  verb(4, 'pass', { ms }),
)

type ActionOf<A> = A extends fc.Arbitrary<infer T> ? T : never
export type Action = ActionOf<typeof action>

/** `together` does not wait until it is done before the next begins. */
export const operation = fc.record({ together: fc.boolean(), action })

export type Operation = ActionOf<typeof operation>

/** One after the other, or not waiting for each other. */
export async function play(
  operations: readonly Operation[],
  world: World,
): Promise<void> {
  const running = new Set<Promise<void>>()
  for (const { action, together } of operations) {
    const done = perform(action, world)
    running.add(done)
    if (together) continue
    await finish(running, world)
    running.clear()
    // No two things happen in one moment.
    await world.pass(1)
  }
  await finish(running, world)
}

/** Some wait for something; time passes for them. */
async function finish(
  running: Iterable<Promise<void>>,
  world: World,
): Promise<void> {
  const state = { finished: false }
  const all = Promise.all(running).finally(() => {
    state.finished = true
  })
  await Promise.race([all, patience()])
  while (!state.finished) await world.pass(stuckMs)
  await all
}

/** As long as anything takes that does not wait for time to pass. */
async function patience(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await turn()
}

/** What is refused is fine; what breaks is not. */
async function perform(action: Action, world: World): Promise<void> {
  const perform = performers[action.verb] as Performer<Action>
  try {
    await perform(action, world)
  } catch (error) {
    if (!isOvertapError(error)) throw error
  }
}

type At<V extends Action['verb']> = Extract<Action, { verb: V }>
type Performer<A> = (action: A, world: World) => unknown

const performers: { [V in Action['verb']]: Performer<At<V>> } = {
  create: (at, world) =>
    changeNetwork(at, world, ({ networks }) =>
      networks.create(networkRequest({ name: at.network })),
    ),
  remove: (at, world) =>
    changeNetwork(at, world, ({ networks }) => networks.remove(at.network)),
  connect,
  disconnect,
  replace: ({ host, container }, world) => {
    world.forget(host, container)
    world.host(host).replaceContainer(container)
  },
  kill: ({ host, calls }, world) => {
    world.host(host).kill(calls)
  },
  'lose power': ({ host }, world) => {
    world.forget(host)
    world.host(host).losePower()
  },
  stop: ({ host }, world) => {
    world.forget(host)
    return world.host(host).stop()
  },
  start: ({ host }, world) => world.host(host).start(),
  cut: ({ host }, world) => {
    world.host(host).setReachable(false)
  },
  heal: ({ host }, world) => {
    world.host(host).setReachable(true)
  },
  'cut all': (_, { hosts }) => {
    for (const host of hosts) host.setReachable(false)
  },
  'heal all': (_, { hosts }) => {
    for (const host of hosts) host.setReachable(true)
  },
  'lose answer': ({ host }, world) => {
    world.host(host).loseAnswer()
  },
  compact: (_, { backend }) => {
    backend.compact()
  },
  'lose all': (_, { backend }) => {
    backend.clear()
  },
  'back up': (_, world) => {
    world.backUp()
  },
  restore: (_, world) => {
    world.restore()
  },
  pass: ({ ms }, world) => world.pass(ms),
}

/**
 * One that goes or comes has no containers, as far as anybody knows: those that
 * it had on hosts that were away lost it.
 */
async function changeNetwork(
  { host, network }: At<'create' | 'remove'>,
  world: World,
  change: (node: Node) => Promise<unknown>,
): Promise<void> {
  try {
    await world.host(host).ask(change)
  } catch (error) {
    if (isOvertapError(error, 'NETWORK_IN_USE', 'NETWORK_EXISTS')) return
    world.expectations.forget({ network })
    throw error
  }
  world.expectations.forget({ network })
}

async function connect(
  { host: index, network, container }: At<'connect'>,
  world: World,
): Promise<void> {
  const host = world.host(index)
  if (!host.process) return
  const place = { host: host.name, container, network }
  const attempt = world.expectations.begin(place)
  try {
    const request = connectRequest({ network, target: container })
    const view = await host.ask(({ endpoints }) => endpoints.connect(request))
    attempt.end(view?.endpoint.addresses[0])
  } catch (error) {
    attempt.end(attempt.before)
    throw error
  }
}

async function disconnect(
  { host: index, network, container }: At<'disconnect'>,
  world: World,
): Promise<void> {
  const host = world.host(index)
  if (!host.process) return
  world.expectations.begin({ host: host.name, container, network })
  await host.ask(({ endpoints }) => endpoints.disconnect(network, container))
}
