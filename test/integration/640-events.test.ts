//  Somebody on host3 watches what happens on host2.
//
//   bbox1 (ov_net1)
//     |
//   overtapd @ host2        overtapd @ host3
//       (.130) --- switch --- (.128)
//                               |
//                        overtap events -f

import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { EventResponse } from '../../src/frontends/api/schema.js'
import { Cluster, createNetwork } from '../lab/cluster.js'
import { Program } from '../lab/program.js'

const overtap = fileURLToPath(
  new URL('../../src/bin/overtap.js', import.meta.url),
)

let cluster: Cluster
let watcher: Program

test.before(async () => {
  cluster = await Cluster.start()
  await cluster.createNetwork('ov_net1')
  watcher = follow('--json')
  // From its first line on it is there.
  await watcher.line(/"network-created"/)
})

test.after.always(async () => {
  await watcher.stop()
  await cluster.stop()
})

function follow(...flags: readonly string[]): Program {
  const { socket } = cluster.host3
  return new Program(process.execPath, [
    ...[overtap, '--socket', socket, 'events', '-f', ...flags],
  ])
}

async function seen(pattern: RegExp): Promise<EventResponse> {
  return JSON.parse(await watcher.line(pattern)) as EventResponse
}

test.serial('a container that connects is told with its names', async (t) => {
  const { address } = await cluster.addContainer(
    ...([cluster.host2, 'ov_net1', 'bbox1'] as const),
  )
  t.like(await seen(/"endpoint-connected"/), {
    Message: `bbox1 (${address}) connected to ov_net1 on host2`,
    Host: 'host2',
    Network: 'ov_net1',
    Endpoint: 'bbox1',
    Address: address,
  })
})

test.serial('and so is its going', async (t) => {
  await cluster.host2.ask('network', 'disconnect', 'ov_net1', 'bbox1')
  t.like(await seen(/"endpoint-disconnected"/), { Endpoint: 'bbox1' })
})

test.serial('a host that stops is told', async (t) => {
  await cluster.host2.stop()
  t.like(await seen(/"host-freed"/), { Host: 'host2' })
})

test.serial('Ctrl-C ends the watching as it should', async (t) => {
  t.deepEqual(await watcher.stop('SIGINT'), { code: 0, signal: null })
})

test.serial('a reader that has seen enough ends it, too', async (t) => {
  const piped = new Program('sh', [
    '-c',
    `"${process.execPath}" "${overtap}" --socket "${cluster.host3.socket}" events -f | head -n 1`,
  ])
  await piped.line(/host/)
  // As with tail -f, the next line finds that nobody reads.
  await createNetwork(cluster.host3, 'ov_net2')
  const { code } = await piped.exited
  t.is(code, 0)
})

test.serial(
  'it ends when the daemon stops, and does not hold it up',
  async (t) => {
    const last = follow()
    await last.line(/host-freed/)
    const started = performance.now()
    await cluster.host3.stop()
    t.deepEqual(await last.exited, { code: 0, signal: null })
    t.true(performance.now() - started < 2000)
  },
)
