//  An address moves to another MAC, and the kernel of a container that knows
//  the old one believes it.
//
//   bbox1, bbox2 (ov_net1, IPv4 and IPv6)
//     |
//   overtapd @ host2 ---- redis-server (unix socket) ---- test process

import test from 'ava'
import type { ExecutionContext } from 'ava'
import { keys } from '../../src/store/records.js'
import { RedisStore } from '../../src/store/redis-store.js'
import type { Json } from '../../src/store/store.js'
import { connect, createNetwork, type Container } from '../lab/cluster.js'
import { Daemon } from '../lab/daemon.js'
import { eventually } from '../lab/eventually.js'
import { Lab } from '../lab/lab.js'
import { reaches } from '../lab/traffic.js'
import { RedisServer } from '../support/redis-server.js'

const otherMac = '02:00:00:00:00:99'
const otherId = 'e'.repeat(64)

let lab: Lab
let redis: RedisServer
let store: RedisStore
let bbox1: Container
let bbox2: Container

test.before(async () => {
  lab = await Lab.create()
  redis = await RedisServer.launch()
  store = new RedisStore({ url: redis.url, cluster: 'default' })
  await store.connect()
  const host = await lab.addHost('host2', '192.168.56.130')
  const host2 = await Daemon.start(lab, host, { store: redis.url })
  const subnets = ['--subnet', '10.0.0.0/24', '--subnet', 'fd00:1::/64']
  await createNetwork(host2, 'ov_net1', ...subnets)
  bbox1 = await connect(host2, 'ov_net1', await lab.addContainer('bbox1'))
  bbox2 = await connect(host2, 'ov_net1', await lab.addContainer('bbox2'))
})

test.after.always(async () => {
  await store.close()
  await lab.destroy()
  await redis.remove()
})

/** Addresses of bbox2, of both families. */
function addresses(): string[] {
  const { IPv4Address, IPv6Address } = bbox2.endpoint
  return [IPv4Address, IPv6Address].map((one) => one.replace(/\/.*/, ''))
}

/** What bbox1 has in its caches for bbox2. */
async function neighbours(): Promise<string[]> {
  const shown = addresses().map((ip) =>
    bbox1.namespace.run('ip', 'neigh', 'show', ip),
  )
  const lines = await Promise.all(shown)
  return lines.map((line) => /lladdr (\S+)/.exec(line)?.[1] ?? line)
}

async function waitForNeighbours(
  t: ExecutionContext,
  mac: string,
): Promise<void> {
  await eventually(t, async (t) => {
    t.deepEqual(await neighbours(), [mac, mac])
  })
}

test.serial('bbox1 knows bbox2', async (t) => {
  for (const ip of addresses()) t.true(await reaches(bbox1.namespace, ip))
  t.deepEqual(await neighbours(), [
    bbox2.endpoint.MacAddress,
    bbox2.endpoint.MacAddress,
  ])
})

test.serial(
  'a newer container with the addresses of bbox2 is announced',
  async (t) => {
    const { NetworkID, EndpointID } = bbox2.endpoint
    const { entries } = await store.snapshot([keys.endpoints(NetworkID)])
    const record = entries.find(({ key }) => key.endsWith(EndpointID))?.value
    const value: Json = {
      ...(record as Record<string, Json>),
      ...{ id: otherId, host: 'host9', mac: otherMac },
    }
    const key = keys.endpoint(NetworkID, otherId)
    await store.commit({ puts: [{ key, value }] })
    await waitForNeighbours(t, otherMac)
  },
)

test.serial('when it goes, bbox2 is announced again', async (t) => {
  const key = keys.endpoint(bbox2.endpoint.NetworkID, otherId)
  await store.commit({ deletes: [key] })
  await waitForNeighbours(t, bbox2.endpoint.MacAddress)
  for (const ip of addresses()) t.true(await reaches(bbox1.namespace, ip))
})
