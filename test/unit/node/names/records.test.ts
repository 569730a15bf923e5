import anyTest from 'ava'
import type { TestFn } from 'ava'
import { local, resolve } from '../../../support/asking.js'
import {
  connectRequest,
  networkRequest,
  TestCluster,
} from '../../../support/test-node.js'
import type { TestNode } from '../../../support/test-node.js'
import { until } from '../../../support/until.js'

interface Context {
  readonly cluster: TestCluster
  /** Has bbox1. */
  readonly host2: TestNode
  /** Is on no network. */
  readonly host3: TestNode
}

const test = anyTest as TestFn<Context>

test.beforeEach(async (t) => {
  const cluster = new TestCluster()
  const host2 = await cluster.start(2)
  const host3 = await cluster.start(3)
  host2.system.addNamespace('bbox1')
  await host2.node.networks.create(networkRequest({}))
  await host2.node.networks.create(networkRequest({ name: 'other' }))
  await host2.node.endpoints.connect(connectRequest({ aliases: ['web'] }))
  t.context = { cluster, host2, host3 }
})

test.afterEach.always((t) => t.context.cluster.stop())

const records = ({ backend }: TestCluster) =>
  backend
    .snapshot()
    .entries.map(({ key }) => key)
    .filter((key) => key.startsWith('dns/'))

test('a name given on a host without the network is known where it is', async (t) => {
  const { cluster, host2, host3 } = t.context
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')
  const added = await host3.node.dns.add('ov_net1', 'DB.Example.com.', [
    '192.0.2.7',
  ])
  t.like(added, { name: 'db.example.com', addresses: ['192.0.2.7'] })

  await until(() => resolve(host2, bbox1, 'db.example.com') === '192.0.2.7')
  t.is(resolve(host2, bbox1, 'DB.example.com.ov_net1'), '192.0.2.7')

  t.is(await host3.node.dns.remove('ov_net1', 'db.example.com', []), null)
  await until(() => resolve(host2, bbox1, 'db.example.com') !== '192.0.2.7')
  t.deepEqual(records(cluster), [])
})

test('addresses are added to a name and taken from it', async (t) => {
  const { host2, cluster } = t.context
  const { dns } = host2.node
  await dns.add('ov_net1', 'db', ['192.0.2.7'])
  await dns.add('ov_net1', 'db', ['2001:DB8::7', '192.0.2.7'])
  t.deepEqual((await dns.list('ov_net1')).map(textOf), [
    'bbox1 container 10.0.0.2 host2',
    'db record 192.0.2.7,2001:db8::7',
    'web alias 10.0.0.2 host2',
  ])

  const left = await dns.remove('ov_net1', 'db', ['192.0.2.7'])
  t.deepEqual(left?.addresses, ['2001:db8::7'])
  t.is(await dns.remove('ov_net1', 'db', ['2001:db8::7']), null)
  t.deepEqual(records(cluster), [])
})

test('of many who add at once nobody is overwritten', async (t) => {
  const { host2, host3 } = t.context
  const addresses = Array.from({ length: 12 }, (_, one) => `192.0.2.${one}`)
  await Promise.all(
    addresses.map((address, one) =>
      (one % 2 === 0 ? host2 : host3).node.dns.add('ov_net1', 'db', [address]),
    ),
  )
  const found = await host2.node.dns.list('ov_net1')
  const db = found.find(({ kind }) => kind === 'record')
  t.deepEqual(db?.addresses.toSorted(), addresses.toSorted())
})

test('of a network that is being removed no name is left', async (t) => {
  const { cluster, host2, host3 } = t.context
  const { store } = host2
  const commit = store.commit.bind(store)
  let added = false
  // It comes when the names of the network have been read, and not yet deleted.
  store.commit = async (one) => {
    if (one.deletes?.some((key) => key.startsWith('network/')) === true) {
      await host3.node.dns.add('other', 'db', ['192.0.2.7'])
      added = true
    }
    return commit(one)
  }
  await host2.node.networks.remove('other')
  t.true(added)
  t.deepEqual(records(cluster), [])
})

test('a name that a container has, too, leads to both', async (t) => {
  const { host2 } = t.context
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')
  await host2.node.dns.add('ov_net1', 'web', ['192.0.2.7'])
  const found = Array.from({ length: 40 }, () => resolve(host2, bbox1, 'web'))
  t.deepEqual([...new Set(found)].sort(), ['10.0.0.2', '192.0.2.7'])
})

test('names go with their network, and come with no other', async (t) => {
  const { host2, cluster } = t.context
  await host2.node.dns.add('other', 'db', ['192.0.2.7'])
  const bbox1 = await local(host2, 'bbox1', 'ov_net1')
  t.not(resolve(host2, bbox1, 'db'), '192.0.2.7')

  await host2.node.networks.remove('other')
  t.deepEqual(records(cluster), [])
  await t.throwsAsync(host2.node.dns.add('other', 'db', ['192.0.2.7']), {
    message: /network other not found/,
  })
})

for (const { name, addresses, code } of [
  { name: 'a..b', addresses: ['192.0.2.7'], code: 'DNS_NAME_INVALID' },
  { name: 'a b', addresses: ['192.0.2.7'], code: 'DNS_NAME_INVALID' },
  { name: 'a/b', addresses: ['192.0.2.7'], code: 'DNS_NAME_INVALID' },
  { name: '-a', addresses: ['192.0.2.7'], code: 'DNS_NAME_INVALID' },
  { name: '192.0.2.7', addresses: ['192.0.2.7'], code: 'DNS_NAME_INVALID' },
  { name: 'a'.repeat(64), addresses: [], code: 'DNS_NAME_INVALID' },
  { name: 'a.'.repeat(128), addresses: ['::1'], code: 'DNS_NAME_INVALID' },
  { name: 'a', addresses: ['192.0.2.0/24'], code: 'DNS_ADDRESS_INVALID' },
  {
    name: 'a',
    addresses: Array.from({ length: 65 }, (_, one) => `192.0.2.${one}`),
    code: 'DNS_RECORDS_EXHAUSTED',
  },
]) {
  test(`refused as ${code}: ${name.slice(0, 10)} ${addresses[0] ?? ''}`, async (t) => {
    const { cluster, host2 } = t.context
    await t.throwsAsync(host2.node.dns.add('ov_net1', name, addresses), {
      code,
    })
    t.deepEqual(records(cluster), [])
  })
}

test('what is not there cannot be taken away', async (t) => {
  const { host2 } = t.context
  const code = 'DNS_RECORD_NOT_FOUND'
  const { dns } = host2.node
  await t.throwsAsync(dns.remove('ov_net1', 'bbox1', []), { code })
  await dns.add('ov_net1', 'db', ['192.0.2.7'])
  await t.throwsAsync(dns.remove('ov_net1', 'db', ['192.0.2.8']), { code })
})

test('a lookup says what a container gets, and why', async (t) => {
  const { host2, host3 } = t.context
  const { dns } = host2.node
  const [v4, v6] = await dns.lookup({ name: 'web', from: 'bbox1' })
  t.like(v4, {
    type: 'A',
    status: 'NOERROR',
    answers: [{ name: 'web', type: 'A', ttl: 5, data: '10.0.0.2' }],
    reason: 'ov_net1 has it',
  })
  t.like(v6, {
    type: 'AAAA',
    status: 'NOERROR',
    answers: [],
    reason: 'ov_net1 has the name, but nothing of type AAAA',
  })
  t.deepEqual(v4?.holders, [
    {
      name: 'bbox1.ov_net1',
      host: 'host2',
      addresses: ['10.0.0.2'],
      leftOut: false,
    },
  ])
  const [absent] = await dns.lookup({ name: 'x.ov_net1', from: 'bbox1' })
  t.like(absent, { status: 'NXDOMAIN', holders: [] })
  t.regex(absent?.reason ?? '', /of ov_net1 only, where nobody has it/)

  const [pointer] = await dns.lookup({ name: '10.0.0.2' })
  t.like(pointer, { type: 'PTR', answers: [{ data: 'bbox1.ov_net1' }] })

  const elsewhere = await host3.node.dns.lookup({ name: 'web', type: 'a' })
  t.is(elsewhere[0]?.answers[0]?.data, '10.0.0.2', 'read from the store')
  await t.throwsAsync(host3.node.dns.lookup({ name: 'web', from: 'bbox1' }), {
    code: 'DNS_ASKER_NOT_FOUND',
  })
  await t.throwsAsync(dns.lookup({ name: 'web', type: 'AXFR' }), {
    code: 'DNS_TYPE_INVALID',
  })
})

function textOf(view: {
  name: string
  kind: string
  addresses: readonly string[]
  host: string
}): string {
  const { name, kind, addresses, host } = view
  return `${name} ${kind} ${addresses.join(',')} ${host}`.trimEnd()
}
