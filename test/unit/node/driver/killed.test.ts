/**
 * The daemon is killed before each of its calls to the outside while Docker
 * connects a container, or takes it down. Docker is killed with it and repeats
 * nothing: whatever there is then, the next daemon has to find.
 */
import test, { type ExecutionContext } from 'ava'
import { hostNamespace } from '../../../../src/node/endpoints/sandbox.js'
import type { Node } from '../../../../src/node/node.js'
import { SimulatedHost } from '../../../simulation/model/simulated-host.js'
import { MemoryBackend } from '../../../../src/store/memory-backend.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { heldRecords } from '../../../support/records.js'
import { passUntil } from '../../../support/until.js'
import { newId } from './docker.js'

interface World {
  readonly clock: FakeClock
  readonly backend: MemoryBackend
  readonly host: SimulatedHost
  readonly dockerId: string
  readonly pool: string
}

async function world(): Promise<World> {
  const clock = new FakeClock()
  const backend = new MemoryBackend({ now: () => clock.monotonic() })
  const host = new SimulatedHost(2, backend, clock)
  await host.start()
  const dockerId = newId()
  const { id: pool } = await must(host, ({ driver }) =>
    driver.requestPool({ v6: false }),
  )
  await must(host, ({ driver }) =>
    driver.createNetwork({
      dockerId,
      internal: false,
      options: {},
      pools: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1', auxAddresses: {} }],
    }),
  )
  return { clock, backend, host, dockerId, pool }
}

async function must<T>(
  host: SimulatedHost,
  request: (node: Node) => Promise<T>,
): Promise<T> {
  return (await host.ask(request)) as T
}

/** RequestAddress, CreateEndpoint and Join, as far as it gets. */
async function run({ host, dockerId, pool }: World, endpointId: string) {
  const address = await host.ask(({ driver }) =>
    driver.requestAddress({ pool, isGateway: false }),
  )
  if (address === undefined) return
  const where = { networkDockerId: dockerId, endpointId }
  await host.ask(({ driver }) =>
    driver.createEndpoint({ ...where, addresses: [address] }),
  )
  const sandbox = `/var/run/docker/netns/${endpointId.slice(0, 12)}`
  await host.ask(({ driver }) => driver.join({ ...where, sandbox }))
}

/** DeleteEndpoint and ReleaseAddress, as far as it gets. */
async function takeDown({ host, pool }: World, endpointId: string) {
  await host.ask(({ driver }) => driver.deleteEndpoint(endpointId))
  await host.ask(({ driver }) => driver.releaseAddress(pool, '10.0.0.2'))
}

/** Nothing is left after two minutes, and the next container runs. */
async function recovers(t: ExecutionContext, one: World, calls: number) {
  const { host, clock, backend } = one
  await host.start()
  await passUntil(
    clock,
    () =>
      heldRecords(backend).length === 0 &&
      host.system.linksAt(hostNamespace).length === 0,
    1000,
  )
  const kept = [...host.journal.entries.keys()]
  t.deepEqual(
    kept.filter((key) => key.startsWith('endpoint/')),
    [],
    `killed after ${calls} calls`,
  )
  await run(one, newId())
  t.is(heldRecords(backend).length, 2)
  host.kill()
}

const most = 60

test('killed while Docker connects a container', async (t) => {
  let deaths = 0
  for (let calls = 0; calls < most; calls++) {
    const one = await world()
    one.host.kill(calls)
    await run(one, newId())
    if (one.host.process) {
      one.host.kill()
      break
    }
    deaths++
    await recovers(t, one, calls)
  }
  t.true(deaths > 10, `${deaths} deaths`)
})

test('killed while Docker takes a container down', async (t) => {
  let deaths = 0
  for (let calls = 0; calls < most; calls++) {
    const one = await world()
    const endpoint = newId()
    await run(one, endpoint)
    one.host.kill(calls)
    await takeDown(one, endpoint)
    if (one.host.process) {
      one.host.kill()
      break
    }
    deaths++
    await recovers(t, one, calls)
  }
  t.true(deaths > 10, `${deaths} deaths`)
})
