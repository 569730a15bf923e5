// Whatever is done on whichever host, in the end every host's forwarding table
// is what the records say, computed here in the most naive way.

import test from 'ava'
import type { ExecutionContext } from 'ava'
import fc from 'fast-check'
import { isOvertapError } from '../../src/base/errors.js'
import { macOfIp } from '../../src/net/mac.js'
import { heldRecords } from '../support/records.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../support/test-node.js'
import type { TestNode } from '../support/test-node.js'
import { until } from '../support/until.js'

const hostCount = 3
const containers = ['a', 'b', 'c'] as const
const networks = ['n1', 'n2', 'n3'] as const

const onHost = { host: fc.nat(hostCount - 1) }
const network = fc.constantFrom(...networks)
const container = fc.constantFrom(...containers)

/** A few words each; `together` starts it without waiting for the one before. */
const operation = fc.record({
  ...onHost,
  together: fc.boolean(),
  network,
  container,
  verb: fc.oneof(
    { weight: 2, arbitrary: fc.constant('create' as const) },
    { weight: 1, arbitrary: fc.constant('remove' as const) },
    { weight: 5, arbitrary: fc.constant('connect' as const) },
    { weight: 3, arbitrary: fc.constant('disconnect' as const) },
    { weight: 1, arbitrary: fc.constant('vanish' as const) },
    { weight: 1, arbitrary: fc.constant('cut' as const) },
  ),
})

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

test('tables of all hosts follow the records', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 5, maxLength: 40 }),
      async (operations) => {
        const cluster = new TestCluster()
        try {
          const hosts = await startHosts(cluster)
          await play(operations, hosts)
          await settle(cluster, hosts)
          for (const host of hosts) await check(t, host)
        } finally {
          await cluster.stop()
        }
        t.deepEqual(leftovers(cluster), [])
      },
    ),
    { seed: 56, numRuns: 60, endOnFailure: true },
  )
})

async function startHosts(cluster: TestCluster): Promise<TestNode[]> {
  const hosts = await Promise.all(
    Array.from({ length: hostCount }, (_, index) => cluster.start(index + 2)),
  )
  for (const { system } of hosts) {
    for (const name of containers) system.addNamespace(name)
  }
  return hosts
}

async function play(
  operations: readonly Operation[],
  hosts: readonly TestNode[],
): Promise<void> {
  let running: Promise<void>[] = []
  for (const one of operations) {
    if (!one.together) {
      await Promise.all(running)
      running = []
    }
    const host = hosts[one.host]
    if (host) running.push(perform(one, host))
  }
  await Promise.all(running)
}

/** What is refused is fine; what breaks is not. */
async function perform(one: Operation, host: TestNode): Promise<void> {
  try {
    await act(one, host)
  } catch (error) {
    if (!isOvertapError(error) || error.code === 'CLEANUP_INCOMPLETE') {
      throw error
    }
  }
}

async function act(
  { verb, network, container }: Operation,
  { node, system, engine, store }: TestNode,
): Promise<unknown> {
  switch (verb) {
    case 'create':
      return node.networks.create(networkRequest({ name: network }))
    case 'remove':
      return node.networks.remove(network)
    case 'connect':
      return node.endpoints.connect(
        connectRequest({ network, target: container }),
      )
    case 'disconnect':
      return node.endpoints.disconnect(network, container)
    case 'vanish': {
      const path = `/run/netns/${container}`
      system.removeNamespace(container)
      for (const [port, { netns }] of engine.ports) {
        if (netns === path) engine.losePort(port)
      }
      system.addNamespace(container)
      return
    }
    case 'cut':
      store.setReachable(false)
      await new Promise((resolve) => setImmediate(resolve))
      store.setReachable(true)
  }
}

/** Until every host has read everything and cleaned up what it can. */
async function settle(
  { backend, clock }: TestCluster,
  hosts: readonly TestNode[],
): Promise<void> {
  clock.advance(5000)
  let revision = -1
  await until(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    const before = revision
    revision = backend.snapshot().revision
    const current = hosts.every(
      ({ node }) => node.status().store.revision === revision,
    )
    return current && before === revision
  })
}

async function check(t: ExecutionContext, host: TestNode): Promise<void> {
  const { node, engine, logger } = host
  for (const { id } of node.networks.list()) {
    const { network, endpoints } = await node.networks.inspect(id)
    const self = node.status().host
    const local = endpoints.some((endpoint) => endpoint.host === self)
    const expected: unknown = local
      ? Object.fromEntries<string>([
          [macOfIp(network.subnets[0]?.gateway ?? ''), 'upcall'],
          ...endpoints.map(({ mac, host, netns }): [string, string] => [
            mac,
            host === self
              ? `port ${netns}`
              : `peer 192.168.56.${host.slice('host'.length)}:4789`,
          ]),
        ])
      : undefined
    t.deepEqual(engine.table(network.vni), expected)
  }
  const inUse = (await node.endpoints.list()).filter(
    ({ endpoint }) => endpoint.host === node.status().host,
  )
  t.deepEqual(engine.ports.size, inUse.length)
  t.deepEqual(
    logger.lines.filter(({ message }) => message.includes('engine refused')),
    [],
  )
}

/** Hosts, endpoints and addresses that are still somebody's. */
function leftovers({ backend }: TestCluster): string[] {
  const hosts = backend
    .snapshot()
    .entries.map(({ key }) => key)
    .filter((key) => key.startsWith('host/'))
  return [...hosts, ...heldRecords(backend)]
}
