//  Two daemons claim addresses of one network at the same time.
//
//   20 containers           20 containers
//     | ... |                 | ... |
//   overtapd @ host2        overtapd @ host3       redis-server @ host1
//       (.130) --- switch --- (.128) ----------------- (.129)

import test from 'ava'
import { SocketClient } from '../../src/frontends/api/client.js'
import type { EndpointResponse } from '../../src/frontends/api/schema.js'
import { Cluster } from '../lab/cluster.js'
import type { Daemon } from '../lab/daemon.js'
import type { Namespace } from '../lab/namespace.js'

const perHost = 20
let cluster: Cluster

test.before(async () => {
  cluster = await Cluster.start()
})

test.after.always(() => cluster.stop())

test.serial('every address is given once, in sequence', async (t) => {
  await cluster.createNetwork('ov_busy')
  const { host2, host3 } = cluster
  const containers = await makeContainers('c', 2 * perHost)

  const endpoints = await Promise.all(
    [host2, host3].map((daemon, index) =>
      connectAll(daemon, containers.slice(index * perHost).slice(0, perHost)),
    ),
  )

  const addresses = endpoints.flat().map(({ IPv4Address }) => IPv4Address)
  const expected = Array.from(
    { length: 2 * perHost },
    (_, index) => `10.0.0.${index + 2}/24`,
  )
  t.deepEqual([...addresses].sort(), [...expected].sort())
})

test.serial('the same network made twice at once exists once', async (t) => {
  const outcomes = await Promise.all(
    [cluster.host2, cluster.host3].map((daemon) =>
      daemon.cli('network', 'create', 'ov_race'),
    ),
  )

  t.deepEqual(outcomes.map(({ code }) => code).sort(), [0, 1])
  const refused = outcomes.find(({ code }) => code === 1)
  t.regex(refused?.stderr ?? '', /network with name ov_race already exists/)
})

test.serial('two networks made at once differ in subnet and VNI', async (t) => {
  const made = await Promise.all([
    cluster.host2.ask<{ VNI: number }>('network', 'create', 'ov_left'),
    cluster.host3.ask<{ VNI: number }>('network', 'create', 'ov_right'),
  ])

  t.not(made[0].VNI, made[1].VNI)
})

async function makeContainers(
  label: string,
  count: number,
): Promise<readonly Namespace[]> {
  const containers: Namespace[] = []
  for (let index = 0; index < count; index++) {
    containers.push(await cluster.lab.addContainer(`${label}${index}`))
  }
  return containers
}

/** All at once over the API: the command would spend its time in starting up. */
async function connectAll(
  daemon: Daemon,
  containers: readonly Namespace[],
): Promise<readonly EndpointResponse[]> {
  return Promise.all(
    containers.map(async ({ name, label }) => {
      const client = new SocketClient(daemon.socket)
      try {
        return await client.connect('ov_busy', { Target: name, Name: label })
      } finally {
        client.close()
      }
    }),
  )
}
