import anyTest from 'ava'
import type { TestFn } from 'ava'
import { isOvertapError } from '../../../../src/base/errors.js'
import { keys, type Network } from '../../../../src/store/records.js'
import {
  disconnectStray,
  plant,
  plantedKinds,
  unrepairable,
} from '../../../support/inconsistencies.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { until } from '../../../support/until.js'

interface Context {
  readonly cluster: TestCluster
  readonly host2: TestNode
  readonly network: Network
  readonly empty: Network
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  host2.system.addNamespace('bbox1')
  host2.system.addNamespace('bbox3')
  const { networks, endpoints } = host2.node
  const { network } = await networks.create(
    networkRequest({
      subnets: ['10.0.0.0/24', 'fd00::/64'],
      auxAddresses: { nas: '10.0.0.9' },
    }),
  )
  const empty = await networks.create(networkRequest({ name: 'empty' }))
  await endpoints.connect(connectRequest({}))
  t.context = { cluster, host2, network, empty: empty.network }
})

test.afterEach.always((t) => t.context.cluster.stop())

/** Time passes while it looks a second time. */
async function fsck(
  { cluster, host2 }: Context,
  repair: boolean,
): Promise<{ kind: string; repaired: boolean; problem: string }[]> {
  let done = false
  const checking = host2.node.ipam.check({ repair }).finally(() => {
    done = true
  })
  await until(() => {
    cluster.clock.advance(500)
    return done
  })
  return [...(await checking)]
}

function kinds(findings: readonly { readonly kind: string }[]): string[] {
  return findings.map(({ kind }) => kind).sort()
}

test('each subnet says what of it is in use', async (t) => {
  const { node } = t.context.host2
  await node.endpoints.connect(connectRequest({ target: 'bbox3' }))
  await node.endpoints.disconnect('ov_net1', 'bbox3')

  const [first, v4, v6, ...more] = await node.ipam.list()

  t.is(first?.network.name, 'empty')
  t.like(v4, { size: 254, used: 1, reserved: 2, quarantined: 1, free: 250 })
  t.like(v6, { used: 1, reserved: 1, quarantined: 1 })
  t.deepEqual(more, [])
  t.deepEqual(v4?.addresses, [
    { address: '10.0.0.1', state: 'reserved', holder: 'gateway', host: '' },
    { address: '10.0.0.2', state: 'used', holder: 'bbox1', host: 'host2' },
    {
      address: '10.0.0.3',
      state: 'quarantined',
      holder: 'bbox3',
      host: 'host2',
    },
    { address: '10.0.0.9', state: 'reserved', holder: 'nas', host: '' },
  ])
})

test('one network is looked at by its name, and must exist', async (t) => {
  const { node } = t.context.host2

  t.is((await node.ipam.list('ov_net1')).length, 2)
  await t.throwsAsync(node.ipam.list('ov_net9'), { code: 'NETWORK_NOT_FOUND' })
})

test('what is as it should be gives no finding', async (t) => {
  t.deepEqual(await fsck(t.context, true), [])
})

test('every kind of inconsistency is found, and nothing else', async (t) => {
  const { host2, network, empty } = t.context
  await plant(host2.store, network, empty)

  const findings = await fsck(t.context, false)

  t.deepEqual(kinds(findings), [...plantedKinds])
  t.false(findings.some(({ repaired }) => repaired))
  t.deepEqual(kinds(await fsck(t.context, false)), [...plantedKinds])
})

test('a repair mends all but what takes a person', async (t) => {
  const { host2, network, empty } = t.context
  await plant(host2.store, network, empty)

  const findings = await fsck(t.context, true)

  const left = findings.filter(({ repaired }) => !repaired)
  t.deepEqual(kinds(left), [unrepairable])
  t.deepEqual(kinds(await fsck(t.context, false)), [unrepairable])
  await disconnectStray(host2.store, network)
  t.deepEqual(await fsck(t.context, false), [])
  t.true(
    host2.node.events.latest(100).some(({ kind }) => kind === 'drift-repaired'),
  )
  t.is((await host2.node.networks.inspect('empty')).network.id, empty.id)
})

test('addresses that are held for a host that may come back are right', async (t) => {
  const { cluster, host2, network } = t.context
  const host = 'away'
  const address = '192.168.56.99'
  await host2.store.register({ host, owner: host, address, ttlMs: 1000 })
  const key = `address/${network.id}/10.0.0.50`
  const value = { host, endpoint: 'e'.repeat(64), name: 'web' }
  const member = keys.member(host, network.id)
  cluster.backend.commit({
    puts: [
      { key, value },
      { key: member, value: { network: network.id } },
    ],
  })

  cluster.clock.advance(2000)

  t.deepEqual(await fsck(t.context, true), [])
})

test('of two containers with one address the first keeps it', async (t) => {
  const { host2, network, empty } = t.context
  await plant(host2.store, network, empty)

  await fsck(t.context, true)

  const names = (await host2.node.endpoints.list()).map(
    ({ endpoint }) => endpoint.name,
  )
  t.true(names.includes('e6'))
  t.false(names.includes('e7'))
})

test('what has gone at the second look was never wrong', async (t) => {
  const { cluster, host2, network, empty } = t.context
  await plant(host2.store, network, empty)
  const key = `address/${network.id}/10.0.0.50`
  const snapshot = host2.store.snapshot.bind(host2.store)
  host2.store.snapshot = async (collections) => {
    const seen = await snapshot(collections)
    cluster.backend.commit({ deletes: [key] })
    return seen
  }

  const findings = await fsck(t.context, false)

  t.false(kinds(findings).includes('claim-without-endpoint'))
})

test('while the store settles nothing is judged', async (t) => {
  const { cluster, host2 } = t.context
  cluster.backend.clear()

  await until(() =>
    host2.node.ipam.check({ repair: true }).then(
      () => false,
      (error: unknown) => isOvertapError(error, 'STORE_SETTLING'),
    ),
  )

  t.is(host2.node.networks.list().length, 2)
})
