//  Two hundred containers of one host reach the outside through one bridge.
//
//   c0 ... c199 (ov_net1)
//     |eth1
//     overtap_gwbr
//   overtapd @ host2                                internet
//       (.130) -------------- switch -------------- (.1), 203.0.113.9

import test from 'ava'
import type {
  EndpointResponse,
  StatusResponse,
} from '../../src/frontends/api/schema.js'
import { Daemon } from '../lab/daemon.js'
import { Internet } from '../lab/internet.js'
import { Lab } from '../lab/lab.js'
import type { Host, Namespace } from '../lab/namespace.js'
import { RedisServer } from '../lab/redis.js'

const count = 200
/** Connected at the same time, as an orchestrator does. */
const atOnce = 4

let lab: Lab
let host: Host
let daemon: Daemon
let internet: Internet
const containers: Namespace[] = []

test.before(async () => {
  lab = await Lab.create()
  host = await lab.addHost('host2', '192.168.56.130')
  internet = await Internet.create(lab, [host])
  const { url: store } = await RedisServer.start(lab, host)
  daemon = await Daemon.start(lab, host, { store })
  await daemon.ask('network', 'create', 'ov_net1')
  for (let number = 0; number < count; number++) {
    containers.push(await lab.addContainer(`c${number}`))
  }
})

test.after.always(() => lab.destroy())

test.serial('all are connected, each with an address of its own', async (t) => {
  t.timeout(180_000)
  const started = performance.now()
  await inTurns(containers, async ({ name }) => {
    await daemon.ask('network', 'connect', 'ov_net1', name)
  })
  const ms = Math.round((performance.now() - started) / count)
  t.log(`${ms} ms per container, ${atOnce} at once`)

  const endpoints = await daemon.ask<EndpointResponse[]>('endpoint', 'ls')
  const addresses = endpoints.map(({ Gateway }) => Gateway?.IPv4Address)
  t.is(new Set(addresses).size, count)
  t.false(addresses.includes(undefined))
  const { Gateway } = await daemon.ask<StatusResponse>('status')
  t.is(Gateway.Containers, count)
})

test.serial('all reach the outside, none its neighbour', async (t) => {
  t.timeout(180_000)
  const reached = await pinging(internet.address)
  t.is(reached, count)
  // Whose address it is does not matter: it is not the first one's.
  const [first = host] = containers
  const own = await first.run('ip', '-brief', 'address', 'show', 'eth1')
  const other = own.includes('172.18.0.3/') ? '172.18.0.4' : '172.18.0.3'
  const { code } = await first.attempt('ping', [
    ...['-c', '1', '-W', '1', other],
  ])
  t.not(code, 0)
})

test.serial('after a kill -9 all of them still do', async (t) => {
  t.timeout(180_000)
  await daemon.crash()
  await host.run('/usr/sbin/nft', 'flush', 'ruleset')
  const started = performance.now()
  await daemon.start()
  t.log(`taken over in ${Math.round(performance.now() - started)} ms`)
  t.is(await pinging(internet.address), count)
})

/** How many containers get an answer. */
async function pinging(address: string): Promise<number> {
  let answered = 0
  await inTurns(containers, async (container) => {
    const { code } = await container.attempt('ping', [
      ...['-c', '1', '-W', '2', address],
    ])
    if (code === 0) answered++
  })
  return answered
}

async function inTurns<T>(
  all: readonly T[],
  task: (one: T) => Promise<void>,
): Promise<void> {
  const left = [...all]
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one; one = left.shift()) await task(one)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
