import test from 'ava'
import { idKey } from '../../../../src/frontends/docker/agent/network-body.js'
import { newId } from '../../../support/fake-docker.js'
import { until } from '../../../support/until.js'
import type { FakeHost } from './world.js'
import { world } from './world.js'

function attached(host: FakeHost, network: string) {
  const { docker } = host
  const found = [...docker.networks.values()].find(
    ({ Name }) => Name === network,
  )
  if (!found) throw new Error(`no network ${network}`)
  return { NetworkID: found.Id, EndpointID: newId(), Aliases: [] as string[] }
}

function has(host: FakeHost, ...names: string[]): () => boolean {
  return () => host.docker.names().join() === names.join()
}

test('a network of the cluster appears in Docker', async (t) => {
  const { cluster, hosts } = await world(t)
  const [host2] = hosts
  if (!host2) return
  await until(() => host2.agent.status().state === 'connected')
  const { id } = cluster.add('ov_net1', {
    subnets: [
      {
        ...{ subnet: '10.22.1.0/24', gateway: '10.22.1.1' },
        ...{
          ipRange: '10.22.1.128/25',
          auxAddresses: { printer: '10.22.1.9' },
        },
      },
      { subnet: 'fd00:1::/64', gateway: 'fd00:1::1' },
    ],
    internal: true,
    options: { 'com.docker.network.driver.mtu': '1400' },
    labels: { team: 'net' },
  })
  for (const host of hosts) await until(has(host, 'ov_net1'))
  const [made] = host2.docker.networks.values()
  t.deepEqual(made?.body, {
    Name: 'ov_net1',
    CheckDuplicate: true,
    Driver: 'overtap',
    Internal: true,
    EnableIPv6: true,
    IPAM: {
      Driver: 'overtap',
      Options: { [idKey]: id },
      Config: [
        {
          ...{ Subnet: '10.22.1.0/24', Gateway: '10.22.1.1' },
          IPRange: '10.22.1.128/25',
          AuxiliaryAddresses: { printer: '10.22.1.9' },
        },
        { Subnet: 'fd00:1::/64', Gateway: 'fd00:1::1' },
      ],
    },
    Options: { 'com.docker.network.driver.mtu': '1400', [idKey]: id },
    Labels: { team: 'net', [idKey]: id },
  })
})

test('one created with Docker appears everywhere under its name', async (t) => {
  const { cluster, hosts } = await world(t)
  const [host2, host3] = hosts
  if (!host2 || !host3) return
  host2.docker.create('ov_net1', { labels: { team: 'net' } })
  await until(has(host3, 'ov_net1'))
  t.deepEqual(cluster.names(), ['ov_net1'])
  const [network] = cluster.networks.values()
  t.deepEqual(network?.labels, { team: 'net' })
})

test('one that was there before Docker came appears', async (t) => {
  const { cluster, hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  await until(() => host2.agent.status().state === 'connected')
  await host2.docker.close()
  await until(() => host2.agent.status().state === 'away')
  cluster.add('ov_net1')
  host2.docker.networks.clear()
  await host2.docker.listen(host2.socket)
  await until(has(host2, 'ov_net1'))
  t.deepEqual(
    host2.events.filter((kind) => kind.startsWith('docker')),
    ['docker-back', 'docker-lost', 'docker-back'],
  )
})

test('one removed with Docker is gone everywhere', async (t) => {
  const { cluster, hosts } = await world(t)
  const [host2, host3] = hosts
  if (!host2 || !host3) return
  host2.docker.create('ov_net1')
  await until(has(host3, 'ov_net1'))
  host3.docker.remove('ov_net1')
  await until(has(host2))
  t.deepEqual(cluster.names(), [])
  t.deepEqual(host3.docker.names(), [])
})

test('one that containers use is there again', async (t) => {
  const { cluster, hosts } = await world(t)
  const [host2, host3] = hosts
  if (!host2 || !host3) return
  host2.docker.create('ov_net1')
  await until(has(host3, 'ov_net1'))
  for (const id of cluster.networks.keys()) cluster.used.add(id)
  host3.docker.remove('ov_net1')
  await until(() => host3.events.includes('network-recreated'))
  t.deepEqual(host3.docker.names(), ['ov_net1'])
  t.deepEqual(host2.docker.names(), ['ov_net1'])
  t.deepEqual(cluster.names(), ['ov_net1'])
})

test('one removed while nobody looked is there again', async (t) => {
  const { cluster, hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  host2.docker.create('ov_net1')
  await until(() => cluster.names().includes('ov_net1'))
  cluster.add('ov_net2')
  await until(has(host2, 'ov_net1', 'ov_net2'))
  await host2.docker.close()
  // The data of Docker may be lost; that is nobody's wish.
  host2.docker.networks.clear()
  await host2.docker.listen(host2.socket)
  await until(has(host2, 'ov_net1', 'ov_net2'))
  t.deepEqual(cluster.names(), ['ov_net1', 'ov_net2'])
})

test('one removed in the cluster goes when its containers are gone', async (t) => {
  const { cluster, hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  const { id } = cluster.add('ov_net1')
  await until(has(host2, 'ov_net1'))
  const bbox1 = host2.docker.run('bbox1', { ov: attached(host2, 'ov_net1') })
  await cluster.remove(id)
  await until(() => host2.events.includes('network-conflict'))
  t.deepEqual(host2.docker.names(), ['ov_net1'])
  host2.docker.containers.delete(bbox1)
  host2.docker.tell('network', 'disconnect', 'x', { type: 'overtap' })
  await until(has(host2))
  t.deepEqual(host2.docker.names(), [])
})

test('of two of one name at once the first stays, for both', async (t) => {
  const { cluster, hosts } = await world(t)
  const [host2, host3] = hosts
  if (!host2 || !host3) return
  const mine = host2.docker.create('ov_net1')
  const theirs = host3.docker.create('ov_net1')
  await until(() => {
    const ids = [...host2.mapped.values(), ...host3.mapped.values()]
    return (
      cluster.networks.size === 1 &&
      ids.length === 2 &&
      ids.every(({ network }) => cluster.networks.has(network))
    )
  })
  t.deepEqual(cluster.names(), ['ov_net1'])
  await until(() => has(host2, 'ov_net1')() && has(host3, 'ov_net1')())
  t.is(
    [mine, theirs].filter(
      (id) => host2.docker.networks.has(id) || host3.docker.networks.has(id),
    ).length,
    1,
  )
})

test('others of that name are left alone, and reported once', async (t) => {
  const { cluster, hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  host2.docker.create('ov_net1', { driver: 'bridge' })
  cluster.add('ov_net1')
  await until(() => host2.events.includes('network-conflict'))
  cluster.add('ov_net2')
  await until(has(host2, 'ov_net1', 'ov_net2'))
  const asked = () =>
    host2.docker.requests.filter((one) => one === 'POST /networks/create')
  await until(() => {
    cluster.tell()
    return asked().length > 4
  })
  t.deepEqual(
    host2.events.filter((kind) => kind === 'network-conflict'),
    ['network-conflict'],
  )
  const [bridge] = host2.docker.networks.values()
  t.is(bridge?.driver, 'bridge')
})

test('what the driver has lost is adopted by name and subnets', async (t) => {
  const { cluster, hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  await until(() => host2.agent.status().state === 'connected')
  const same = host2.docker.create('same', { subnet: '10.7.0.0/24' })
  const other = host2.docker.create('other', { subnet: '10.8.0.0/24' })
  const gone = host2.docker.create('gone', { labels: { [idKey]: newId() } })
  await until(() => cluster.names().join() === 'gone,other,same')
  // The journal is gone, and the networks are others now.
  cluster.networks.clear()
  host2.mapped.clear()
  cluster.add('same', { subnets: [{ subnet: '10.7.0.0/24', gateway: '' }] })
  cluster.add('other', { subnets: [{ subnet: '10.9.0.0/24', gateway: '' }] })
  await until(has(host2, 'other', 'same'))
  await until(() => host2.mapped.size === 2)
  t.true(host2.docker.networks.has(same))
  t.false(host2.docker.networks.has(other))
  t.false(host2.docker.networks.has(gone))
})

test('what Docker asked for and does not have is given up', async (t) => {
  const { cluster, hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  const { id } = cluster.add('docker-0123456789ab')
  const dockerId = newId()
  host2.mapped.set(dockerId, { dockerId, network: id, isUnnamed: true })
  cluster.add('ov_net1')
  await until(has(host2, 'ov_net1'))
  t.true(cluster.networks.has(id))
  host2.clock.aheadMs = 121_000
  cluster.add('ov_net2')
  await until(has(host2, 'ov_net1', 'ov_net2'))
  t.false(cluster.networks.has(id))
  t.deepEqual(cluster.names(), ['ov_net1', 'ov_net2'])
})

test('what fails is tried again', async (t) => {
  const { cluster, hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  host2.docker.failing = 'POST /networks/create'
  cluster.add('ov_net1')
  await until(() => host2.log.messages('warn').includes('it is tried again'))
  host2.docker.failing = undefined
  await until(has(host2, 'ov_net1'))
  t.pass()
})

test('containers get their names, aliases and host names', async (t) => {
  const { hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  host2.docker.create('ov_net1')
  host2.docker.create('lan', { driver: 'bridge' })
  await until(() => [...host2.mapped.values()].some((one) => !one.isUnnamed))
  const ours = attached(host2, 'ov_net1')
  ours.Aliases.push('web', 'web')
  const id = host2.docker.run('bbox1', {
    ov_net1: ours,
    lan: attached(host2, 'lan'),
  })
  ours.Aliases.push(id.slice(0, 12))
  await until(() => host2.named.size > 0)
  t.deepEqual(
    [...host2.named],
    [
      [
        ours.EndpointID,
        {
          ...{ name: 'bbox1', aliases: ['web'], container: id },
          hostname: id.slice(0, 12),
        },
      ],
    ],
  )
})

test('a renamed container is called so, one connected later too', async (t) => {
  const { hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  host2.docker.create('ov_net1')
  await until(() => [...host2.mapped.values()].some((one) => !one.isUnnamed))
  const { docker } = host2
  const endpoint = attached(host2, 'ov_net1')
  const id = docker.run('bbox1', {})
  const looks = () => docker.requests.filter((one) => one.includes(id)).length
  await until(() => looks() > 0)
  const container = docker.containers.get(id)
  if (!container) return
  container.NetworkSettings.Networks['ov_net1'] = endpoint
  docker.tell('network', 'connect', endpoint.NetworkID, {
    ...{ container: id, type: 'overtap', name: 'ov_net1' },
  })
  await until(() => looks() > 1 && host2.named.size > 0)
  t.is(host2.named.get(endpoint.EndpointID)?.name, 'bbox1')
  docker.containers.set(id, { ...container, Name: '/other' })
  docker.tell('container', 'rename', id, { name: 'other' })
  await until(() => host2.named.get(endpoint.EndpointID)?.name === 'other')
  t.is(host2.named.size, 1)
})

test('containers that ran before get their names', async (t) => {
  const { hosts } = await world(t, 1)
  const [host2] = hosts
  if (!host2) return
  host2.docker.create('ov_net1')
  await until(() => [...host2.mapped.values()].some((one) => !one.isUnnamed))
  await host2.docker.close()
  for (let i = 0; i < 40; i++) {
    host2.docker.run(`bbox${i}`, { ov_net1: attached(host2, 'ov_net1') })
  }
  await host2.docker.listen(host2.socket)
  await until(() => host2.named.size === 40)
  t.pass()
})
