//  Somebody looks after the addresses, and somebody else spoils the records.
//
//   bbox1, bbox3 (ov_net1)
//     |
//   overtapd @ host2 ---- redis-server (unix socket) ---- test process

import test from 'ava'
import type {
  FindingResponse,
  SubnetResponse,
} from '../../src/frontends/api/schema.js'
import { RedisStore } from '../../src/store/redis-store.js'
import { connect, createNetwork } from '../lab/cluster.js'
import { Daemon } from '../lab/daemon.js'
import { Lab } from '../lab/lab.js'
import {
  disconnectStray,
  plant,
  plantedKinds,
  unrepairable,
} from '../support/inconsistencies.js'
import { RedisServer } from '../support/redis-server.js'

let lab: Lab
let redis: RedisServer
let host2: Daemon
let store: RedisStore

test.before(async () => {
  lab = await Lab.create()
  redis = await RedisServer.launch()
  store = new RedisStore({ url: redis.url, cluster: 'default' })
  await store.connect()
  host2 = await Daemon.start(
    lab,
    await lab.addHost('host2', '192.168.56.130'),
    {
      store: redis.url,
    },
  )
  await createNetwork(
    ...([host2, 'ov_net1', '--subnet', '10.0.0.0/24'] as const),
    ...['--aux-address', 'nas=10.0.0.2'],
  )
})

test.after.always(async () => {
  await store.close()
  await lab.destroy()
  await redis.remove()
})

test.serial('who has which address is seen, and who had it last', async (t) => {
  for (const label of ['bbox1', 'bbox3']) {
    await connect(host2, 'ov_net1', await lab.addContainer(label))
  }
  await host2.ask('network', 'disconnect', 'ov_net1', 'bbox3')

  const { stdout } = await host2.cli('ipam', 'ls', 'ov_net1')

  t.regex(stdout, /^10\.0\.0\.1 +reserved +gateway$/m)
  t.regex(stdout, /^10\.0\.0\.2 +reserved +nas$/m)
  t.regex(stdout, /^10\.0\.0\.3 +used +bbox1 +host2$/m)
  t.regex(stdout, /^10\.0\.0\.4 +quarantined +bbox3 +host2$/m)
  const [subnet] = await host2.ask<SubnetResponse[]>('ipam', 'ls')
  t.like(subnet, { Used: 1, Reserved: 2, Quarantined: 1, Free: 250 })
})

test.serial('fsck finds every inconsistency, and mends it', async (t) => {
  t.is((await host2.cli('ipam', 'fsck')).stdout, 'all records agree')
  const network = await host2.ask<{ Id: string }[]>('network', 'ls')
  const empty = await createNetwork(host2, 'empty')
  const spoilt = { id: network[0]?.Id ?? '' }
  await plant(store, spoilt, { name: empty.Name })

  const found = await host2.cli('--json', 'ipam', 'fsck')
  t.is(found.code, 1)
  t.deepEqual(kinds(found.json), [...plantedKinds])

  const mended = await host2.cli('--json', 'ipam', 'fsck', '--repair')
  t.is(mended.code, 1)
  t.deepEqual(kinds(mended.json, false), [unrepairable])

  await disconnectStray(store, spoilt)
  const after = await host2.cli('ipam', 'fsck')
  t.is(after.stdout, 'all records agree')
  t.is(after.code, 0)
  await host2.ask('network', 'rm', 'empty')
})

function kinds(json: unknown, repaired?: boolean): string[] {
  return (json as FindingResponse[])
    .filter((one) => repaired === undefined || one.Repaired === repaired)
    .map(({ Kind }) => Kind)
    .sort()
}
