// Which address a container gets, and what becomes of one it gives back.

import anyTest from 'ava'
import type { TestFn } from 'ava'
import type { OvertapError } from '../../../../src/base/errors.js'
import { heldAddresses, releasedAddresses } from '../../../support/records.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  t.context = { cluster, host2: await cluster.start(2) }
  const { node, system } = t.context.host2
  system.addNamespace('bbox1')
  system.addNamespace('bbox3')
  await node.networks.create(networkRequest({ name: 'ov_net1' }))
})

test.afterEach.always((t) => t.context.cluster.stop())

test('the sequence goes on behind the address given last, not into gaps', async (t) => {
  const { cluster, host2 } = t.context
  const { node, system } = host2
  for (const name of ['a', 'b', 'c', 'd', 'e']) system.addNamespace(name)
  const connect = async (target: string, ip?: string) => {
    const request = connectRequest({ target, ...(ip && { ip }) })
    const { endpoint } = await node.endpoints.connect(request)
    return endpoint.addresses[0]
  }
  t.is(await connect('a'), '10.0.0.2/24')
  t.is(await connect('b'), '10.0.0.3/24')
  t.is(await connect('c', '10.0.0.200'), '10.0.0.200/24')
  await node.endpoints.disconnect('ov_net1', 'a')
  freeReleased(cluster)

  t.is(await connect('d'), '10.0.0.4/24')
  await node.endpoints.disconnect('ov_net1', 'b')
  t.is(await connect('e'), '10.0.0.5/24')
  t.is(await connect('b'), '10.0.0.3/24')
  t.is(await connect('bbox1'), '10.0.0.6/24')
})

test('a container gets the address back that it had, and nobody else does', async (t) => {
  const { cluster, host2 } = t.context
  const host3 = await cluster.start(3)
  host3.system.addNamespace('bbox1')
  host3.system.addNamespace('bbox2')
  await host2.node.endpoints.connect(connectRequest({ ip: '10.0.0.9' }))
  await host2.node.endpoints.disconnect('ov_net1', 'bbox1')

  const error = await t.throwsAsync<OvertapError>(
    host3.node.endpoints.connect(
      connectRequest({ target: 'bbox2', ip: '10.0.0.9' }),
    ),
    { message: 'Address already in use: 10.0.0.9' },
  )
  t.regex(error.remedy, /^bbox1 on host2 gave it back a moment ago/)
  t.deepEqual(error.details, {
    address: '10.0.0.9',
    lastEndpoint: 'bbox1',
    host: 'host2',
  })
  const back = await host3.node.endpoints.connect(connectRequest({}))
  t.deepEqual(back.endpoint.addresses, ['10.0.0.9/24'])
  await host3.node.endpoints.disconnect('ov_net1', 'bbox1')
  const asked = await host2.node.endpoints.connect(
    connectRequest({ ip: '10.0.0.9' }),
  )
  t.deepEqual(asked.endpoint.addresses, ['10.0.0.9/24'])
})

test('a claim left by an attempt that came to nothing is its own', async (t) => {
  const { cluster, host2 } = t.context
  const { network } = await host2.node.networks.inspect('ov_net1')
  const key = `address/${network.id}/10.0.0.9`
  const left = { host: 'host2', endpoint: 'f'.repeat(64), name: 'bbox1' }
  cluster.backend.commit({ puts: [{ key, value: left }] })

  await t.throwsAsync(
    host2.node.endpoints.connect(
      connectRequest({ target: 'bbox3', ip: '10.0.0.9' }),
    ),
    { code: 'ADDRESS_IN_USE' },
  )
  const { endpoint } = await host2.node.endpoints.connect(
    connectRequest({ ip: '10.0.0.9' }),
  )

  t.deepEqual(endpoint.addresses, ['10.0.0.9/24'])
})

test('of two containers with one name the connected one keeps its address', async (t) => {
  const { node } = t.context.host2
  await node.endpoints.connect(connectRequest({ name: 'web' }))

  await t.throwsAsync(
    node.endpoints.connect(
      connectRequest({ target: 'bbox3', name: 'web', ip: '10.0.0.2' }),
    ),
    { code: 'ADDRESS_IN_USE' },
  )
})

test('without a quarantine an address is free at once', async (t) => {
  const { cluster } = t.context
  const { node, system } = await cluster.start(4, { quarantine: 0 })
  system.addNamespace('bbox4')
  await node.endpoints.connect(connectRequest({ target: 'bbox4' }))

  await node.endpoints.disconnect('ov_net1', 'bbox4')

  t.deepEqual(heldAddresses(cluster.backend), [])
  t.deepEqual(releasedAddresses(cluster.backend), [])
})

test('of a full subnet the address longest in quarantine is given', async (t) => {
  const { node, system } = t.context.host2
  await node.networks.create(
    networkRequest({ name: 'small', subnets: ['10.5.0.0/29'] }),
  )
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const target of [...names, 'f']) system.addNamespace(target)
  for (const target of names) {
    await node.endpoints.connect(connectRequest({ network: 'small', target }))
  }
  for (const target of ['c', 'a']) {
    await node.endpoints.disconnect('small', target)
  }

  const { endpoint } = await node.endpoints.connect(
    connectRequest({ network: 'small', target: 'f' }),
  )

  t.deepEqual(endpoint.addresses, ['10.5.0.4/29'])
})

/** As the janitor does when their quarantine is over. */
function freeReleased({ backend }: TestCluster): void {
  const released = new Set(releasedAddresses(backend))
  const deletes = backend
    .snapshot()
    .entries.map(({ key }) => key)
    .filter((key) => released.has(key.slice(key.lastIndexOf('/') + 1)))
  backend.commit({ deletes })
}
