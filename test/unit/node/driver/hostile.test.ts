/**
 * Requests that are nearly right: right names with values of another time,
 * family, form or type. Each is answered, and none is a bug's number.
 */
import test from 'ava'
import { methods } from '../../../../src/frontends/docker/plugin/methods.js'
import { heldRecords } from '../../../support/records.js'
import { TestCluster } from '../../../support/test-node.js'
import { call } from '../../frontends/docker/plugged.js'
import { FakeDocker, newId } from './docker.js'

/** A sequence that is the same each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const texts = [
  ...['', '10.0.0.0/24', '10.0.0.1', '10.0.0.2/24', '10.0.0.255', '0.0.0.0/0'],
  ...['10.0.0.0/33', '10.0.0.5/-1', '::/0', 'fd00::/64', 'fd00::1/64', '::1'],
  ...['fe80::1%eth0', '256.1.1.1', '10.0.0.0/24/24', '/', '//', 'x/y', '..'],
  ...['127.0.0.0/8', '224.0.0.0/4', '10.0.0.0/31', '10.9.0.0/16', '١٠.٠.٠.١'],
  ...['02:42:0a:00:00:02', 'ff:ff:ff:ff:ff:ff', '02:42', '/proc/self/ns/net'],
  ...['ov_net1', '__proto__', 'constructor', '\u0000', 'a'.repeat(4096)],
]

const fields = {
  texts: [
    ...['Pool', 'SubPool', 'PoolID', 'Address', 'AddressSpace', 'SandboxKey'],
    ...['NetworkID', 'EndpointID'],
  ],
  maps: ['Options', 'Interface'],
  lists: ['IPv4Data', 'IPv6Data'],
  inner: [
    ...['Address', 'AddressIPv6', 'MacAddress', 'RequestAddressType'],
    ...['overtap.gid', 'com.docker.network.generic', '__proto__', 'toString'],
    ...['com.docker.network.driver.mtu', 'com.docker.network.internal'],
  ],
}

test('hostile requests are refused one by one', async (t) => {
  const cluster = new TestCluster()
  t.teardown(() => cluster.stop())
  const daemon = await cluster.start(2)
  const docker = await FakeDocker.start(t, daemon)
  const network = await docker.createNetwork()
  const container = await docker.run(network)
  const next = random(20)
  const pick = <T>(all: readonly T[]): T =>
    all[Math.floor(next() * all.length)] as T
  const known = [
    ...[network.id, network.pool.PoolID, container.endpoint, newId()],
    ...texts,
  ]
  const right: Readonly<Record<string, string>> = {
    PoolID: network.pool.PoolID,
    NetworkID: network.id,
    EndpointID: newId(),
    SandboxKey: '/var/run/docker/netns/0123456789ab',
  }
  const scalar = (): unknown =>
    next() < 0.8 ? pick(known) : pick([null, 7, true, -1, 1e308, [], {}])
  const map = (): object => ({
    ...(next() < 0.5 && { Address: '10.0.0.77/24' }),
    ...Object.fromEntries(
      Array.from({ length: 2 }, () => [pick(fields.inner), scalar()]),
    ),
  })
  const pool = () => ({
    Pool: scalar(),
    Gateway: scalar(),
    AuxAddresses: next() < 0.5 ? null : { aux: scalar() },
  })
  const body = (): object => {
    const sent: Record<string, unknown> = { V6: next() < 0.5 }
    for (const name of fields.texts) {
      sent[name] = next() < 0.7 ? (right[name] ?? scalar()) : scalar()
    }
    for (const name of fields.maps) sent[name] = next() < 0.7 ? map() : scalar()
    for (const name of fields.lists) {
      sent[name] = next() < 0.7 ? [pool()] : scalar()
    }
    return sent
  }

  const accepted = new Set<string>()
  const names = Object.keys(methods).filter((name) => !name.includes('DeleteN'))
  for (let i = 0; i < 3000; i++) {
    const method = names[i % names.length] ?? ''
    const sent = body()
    const { status, body: answer } = await call(docker.socket, method, sent)
    const { Err = '' } = answer as { Err?: string }
    t.is(status, 200)
    if (Err === '') accepted.add(method)
    t.notRegex(Err, /inside overtapd/, `${method} ${JSON.stringify(sent)}`)
  }
  t.deepEqual(daemon.logger.messages('error'), [])
  // Some were right after all: they have come as far as can be.
  for (const method of ['RequestPool', 'RequestAddress']) {
    t.true(accepted.has(`IpamDriver.${method}`), method)
  }
  t.true(accepted.has('NetworkDriver.CreateEndpoint'))
  // It still works.
  const before = heldRecords(cluster.backend)
  const other = await docker.run(await docker.createNetwork())
  await docker.stop(other)
  t.deepEqual(heldRecords(cluster.backend), before)
})
