import test, { type ExecutionContext } from 'ava'
import { isOvertapError } from '../../../src/base/errors.js'
import type { RecordChange } from '../../../src/store/cluster-view.js'
import { MemoryBackend } from '../../../src/store/memory-backend.js'
import { MemoryStore } from '../../../src/store/memory-store.js'
import { keys, type Network } from '../../../src/store/records.js'
import { Replica } from '../../../src/store/replica.js'
import type { Json } from '../../../src/store/store.js'
import { FakeClock } from '../../support/fake-clock.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { passUntil } from '../../support/until.js'

const id = (digit: string) => digit.repeat(64)

function network(name: string, digit: string): Network {
  return {
    id: id(digit),
    name,
    vni: 256,
    subnets: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
    internal: false,
    options: {},
    labels: {},
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'host2',
  }
}

function host(name: string): Json {
  return {
    name,
    address: '192.168.56.130',
    port: 4789,
    version: '1',
    startedAt: '2026-01-01T00:00:00.000Z',
    routes: [],
  }
}

const claim = { host: 'host2', endpoint: id('e') }

const put = (key: string, value: unknown) => ({ key, value: value as Json })

interface Heard {
  readonly changes: readonly RecordChange[]
  readonly revision: number
}

/** A backend, a client to write with, and a replica fed by another. */
async function cluster(t: ExecutionContext, settleMs = 0) {
  const backend = new MemoryBackend()
  const [writer, store] = [new MemoryStore(backend), new MemoryStore(backend)]
  await Promise.all([writer.connect(), store.connect()])
  const logger = new RecordingLogger()
  const clock = new FakeClock()
  const replica = new Replica(store, { logger, clock, settleMs })
  const heard: Heard[] = []
  replica.onChange((changes, revision) => heard.push({ changes, revision }))
  t.teardown(() => replica.stop())
  return { backend, writer, store, replica, logger, heard, clock }
}

test('starts from a snapshot, then follows', async (t) => {
  const { writer, replica, heard } = await cluster(t)
  await writer.commit({ puts: [put('host/host2', host('host2'))] })
  await replica.start()
  t.is(replica.revision, 1)
  t.like(replica.hosts.get('host2'), { version: 1, value: { name: 'host2' } })
  const revision = await writer.commit({
    puts: [
      put(keys.network(id('a')), network('ov_net1', 'a')),
      put(keys.networkName('ov_net1'), { network: id('a') }),
      put(keys.allocation, { nextVni: 257, nextPool: '10.0.1.0/24' }),
    ],
    deletes: [keys.host('host2'), keys.host('nobody')],
  })
  await replica.reached(revision, 5000)
  t.is(replica.networkByName('ov_net1')?.value.vni, 256)
  t.is(replica.networkByName('ov_net2'), undefined)
  t.is(replica.networks.get(id('a'))?.version, 2)
  t.is(replica.allocation?.value.nextVni, 257)
  t.is(replica.hosts.size, 0)
  t.deepEqual(
    heard.map(({ revision }) => revision),
    [1, 2],
  )
  t.deepEqual(
    heard[1]?.changes.map(({ kind, id: record, after }) => [
      kind,
      record.slice(0, 8),
      after !== undefined,
    ]),
    [
      ['network', 'aaaaaaaa', true],
      ['network-name', 'ov_net1', true],
      ['allocation', 'networks', true],
      ['host', 'host2', false],
    ],
  )
  t.like(heard[1]?.changes[3], { before: { name: 'host2' } })
})

test('addresses are found by network', async (t) => {
  const { writer, replica } = await cluster(t)
  await replica.start()
  const [a, b] = [id('a'), id('b')]
  await replica.hold([a, b])
  await writer.commit({
    puts: [
      put(keys.address(a, '10.0.0.2'), claim),
      put(keys.address(a, 'fd00::2'), claim),
      put(keys.address(b, '10.0.0.2'), claim),
    ],
  })
  await replica.reached(1, 5000)
  t.deepEqual([...replica.addresses(a).keys()], ['10.0.0.2', 'fd00::2'])
  t.deepEqual(replica.addresses(b).get('10.0.0.2'), {
    value: claim,
    version: 1,
  })
  await writer.commit({ deletes: [keys.address(b, '10.0.0.2')] })
  await replica.reached(2, 5000)
  t.is(replica.addresses(b).size, 0)
  t.is(replica.endpoints(a).size, 0)
})

test('listeners read the whole commit, not a part of it', async (t) => {
  const { writer, replica } = await cluster(t)
  await replica.start()
  await replica.hold([id('a')])
  const sizes: number[] = []
  replica.onChange(() => sizes.push(replica.addresses(id('a')).size))
  await writer.commit({
    puts: [2, 3, 4].map((n) =>
      put(keys.address(id('a'), `10.0.0.${n}`), claim),
    ),
  })
  await replica.reached(1, 5000)
  t.deepEqual(sizes, [3])
})

test('after a compaction only the differences are told', async (t) => {
  const { backend, writer, store, replica, heard, clock } = await cluster(t)
  const [kept, dropped, changed] = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map(
    (ip) => keys.address(id('a'), ip),
  ) as [string, string, string]
  await writer.commit({
    puts: [kept, dropped, changed].map((key) => put(key, claim)),
  })
  await replica.start()
  await replica.hold([id('a')])
  store.setReachable(false)
  const moved = { ...claim, host: 'host3' }
  await writer.commit({ puts: [put(kept, claim)] })
  await writer.commit({ deletes: [dropped] })
  await writer.commit({
    puts: [put(changed, moved), put('host/h', host('h'))],
  })
  backend.compact()
  store.setReachable(true)
  await passUntil(clock, () => replica.revision === 4)
  t.is(heard.length, 3)
  t.deepEqual(
    heard[2]?.changes.map(({ kind, id: record, before, after }) => ({
      record: `${kind}/${record.slice(-8)}`,
      was: before !== undefined,
      is: after !== undefined,
    })),
    [
      { record: 'address/10.0.0.3', was: true, is: false },
      { record: 'host/h', was: false, is: true },
      { record: 'address/10.0.0.4', was: true, is: true },
    ],
  )
  t.is(replica.addresses(id('a')).get('10.0.0.2')?.version, 2)
})

test('a store that lost its data has another epoch', async (t) => {
  const { backend, writer, replica, heard, clock } = await cluster(t)
  await writer.commit({ puts: [put('host/h', host('h'))] })
  await replica.start()
  const { epoch } = replica
  backend.clear()
  await passUntil(clock, () => heard.length > 1)
  t.not(replica.epoch, epoch)
  t.is(replica.revision, 0)
  t.is(replica.hosts.size, 0)
  await writer.commit({ puts: [put('host/h', host('h'))] })
  await replica.reached(1, 5000)
  t.is(replica.hosts.size, 1)
})

test('bad records are logged once and count as absent', async (t) => {
  const { writer, replica, logger } = await cluster(t)
  await writer.commit({
    puts: [
      put('host/bad', { name: 'bad' }),
      put('host/good', host('good')),
      put('gadget/x', 'a kind of a newer version'),
    ],
  })
  await replica.start()
  t.deepEqual([...replica.hosts.keys()], ['good'])
  await writer.commit({ puts: [put('host/bad', 'still')] })
  await writer.commit({ puts: [put('host/good', 'broken now')] })
  await writer.commit({ deletes: ['gadget/x'] })
  await replica.reached(4, 5000)
  t.is(replica.hosts.size, 0)
  const warnings = logger.messages('warn')
  t.is(warnings.length, 2)
  t.regex(
    warnings[0] ?? '',
    /record host\/bad is not valid, ignored: .*address/s,
  )
  t.regex(warnings[1] ?? '', /record host\/good is not valid/)
  await writer.commit({ puts: [put('host/bad', host('bad'))] })
  await replica.reached(5, 5000)
  t.deepEqual([...replica.hosts.keys()], ['bad'])
})

test('a throwing listener is logged and does not stop the feed', async (t) => {
  const { writer, replica, logger } = await cluster(t)
  replica.onChange(() => {
    throw new Error('oops')
  })
  const later: number[] = []
  replica.onChange((_changes, revision) => later.push(revision))
  await replica.start()
  await writer.commit({ puts: [put('host/h', host('h'))] })
  await replica.reached(1, 5000)
  t.deepEqual(later, [0, 1])
  t.deepEqual(logger.messages('error'), [
    'a change listener failed',
    'a change listener failed',
  ])
})

test('reached gives up in time', async (t) => {
  const { replica, clock } = await cluster(t)
  await replica.start()
  await replica.reached(0, 1)
  const late = t.throwsAsync(() => replica.reached(1, 20))
  clock.advance(20)
  const error = await late
  t.true(isOvertapError(error, 'STORE_UNAVAILABLE'))
})

test('start tells when the store is away', async (t) => {
  const { store, replica } = await cluster(t)
  store.setReachable(false)
  await t.throwsAsync(() => replica.start(), { code: 'STORE_UNAVAILABLE' })
})

test('a snapshot is tried again until the store is back', async (t) => {
  const { backend, writer, store, replica, logger, clock } = await cluster(t)
  await replica.start()
  let refused = 0
  const snapshot = store.snapshot.bind(store)
  store.snapshot = (collections) =>
    refused++ < 2 ? Promise.reject(new Error('away')) : snapshot(collections)
  backend.clear()
  await writer.commit({ puts: [put('host/h', host('h'))] })
  await passUntil(clock, () => replica.hosts.size === 1)
  t.is(refused, 3)
  t.is(logger.messages('warn').length, 1)
})

test('stops, also when the store closes first', async (t) => {
  const { writer, store, replica, heard } = await cluster(t)
  await replica.start()
  await store.close()
  await replica.stop()
  await writer.commit({ puts: [put('host/h', host('h'))] })
  t.is(replica.revision, 0)
  t.is(heard.length, 1)
})
