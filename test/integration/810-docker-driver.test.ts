//  Docker's own containers on a network of the cluster, by its own commands.
//
//   bbox1              bbox2
//   dockerd            dockerd
//   overtapd @ host2   overtapd @ host3
//      (.130) --- switch --- (.128)

import test from 'ava'
import type {
  EndpointResponse,
  NetworkResponse,
} from '../../src/frontends/api/schema.js'
import {
  createNetwork,
  DockerCluster,
  linksOf,
  pings,
  runContainer,
} from '../lab/docker-cluster.js'
import type { DockerMachine } from '../lab/docker-cluster.js'
import { dockerMissing } from '../lab/docker.js'
import { eventually } from '../lab/eventually.js'
import type { Host } from '../lab/namespace.js'
import { testUnless } from '../support/test-unless.js'

const missing = dockerMissing()
let cluster: DockerCluster | undefined
let host1: Host
let host2: DockerMachine
let host3: DockerMachine

test.before(async () => {
  if (missing !== undefined) return
  cluster = await DockerCluster.start()
  ;({ host1, host2, host3 } = cluster)
  await createNetwork(host2, 'ov_net1')
  await createNetwork(host3, 'ov_net1', ...(await existing()))
})

test.after.always(() => cluster?.stop())

const serial = missing === undefined ? test.serial : test.serial.skip

testUnless(missing, 'dockerd can run here', (t) => {
  t.pass()
  return Promise.resolve()
})

serial('a container has what the tutorial says, and is reached', async (t) => {
  await runContainer(host2, 'bbox1', 'ov_net1')
  await runContainer(host3, 'bbox2', 'ov_net1')

  t.like(await linksOf(host2, 'bbox1'), [
    {
      name: 'eth0',
      mac: '02:42:0a:00:00:02',
      mtu: 1450,
      addresses: ['10.0.0.2/24'],
    },
    { name: 'eth1', addresses: ['172.18.0.2/16'] },
  ])
  const routes = await host2.docker.docker('exec', 'bbox1', 'ip', 'route')
  t.regex(routes, /default via 172\.18\.0\.1 dev eth1/)
  t.true(await pings(host3, 'bbox2', '10.0.0.2'))
  t.true(await pings(host2, 'bbox1', '10.0.0.3'))
  t.true(await pings(host2, 'bbox1', '10.0.0.1'))
  t.deepEqual(await endpoints(), [
    'host2 10.0.0.2/24 docker',
    'host3 10.0.0.3/24 docker',
  ])
})

serial('it joins another network while it runs, and leaves it', async (t) => {
  await createNetwork(host2, 'ov_net2', '--subnet', '10.22.1.0/24')
  await host2.docker.docker('network', 'connect', 'ov_net2', 'bbox1')
  t.like((await linksOf(host2, 'bbox1'))[2], {
    name: 'eth2',
    addresses: ['10.22.1.2/24'],
  })
  t.true(await pings(host2, 'bbox1', '10.22.1.1'))
  await host2.docker.docker('network', 'disconnect', 'ov_net2', 'bbox1')
  t.is((await linksOf(host2, 'bbox1')).length, 2)
  t.true(await pings(host2, 'bbox1', '10.0.0.3'))
  await host2.docker.docker('network', 'rm', 'ov_net2')
})

serial('chosen addresses are kept, and ports are published', async (t) => {
  // Docker takes --ip only where the user has given the subnet.
  const subnet = ['--ipv6', ...subnets('10.22.2.0/24', 'fd00:22::/64')]
  await createNetwork(host2, 'ov_net3', ...subnet)
  await createNetwork(host3, 'ov_net3', ...(await existing()), ...subnet)
  await runContainer(host3, 'bbox4', 'ov_net3')
  const ips = ['--ip', '10.22.2.50', '--ip6', 'fd00:22::50']
  const chosen = [...ips, '--mac-address', '02:00:00:00:00:50']
  await runContainer(host2, 'web', 'ov_net3', ...chosen, '-p', '8080:80')
  await host2.docker.docker('exec', '-d', 'web', 'httpd', '-h', '/bin')
  t.like((await linksOf(host2, 'web'))[0], {
    mac: '02:00:00:00:00:50',
    addresses: ['10.22.2.50/24'],
  })
  await eventually(t, async (attempt) => {
    const url = 'http://192.168.56.130:8080/busybox'
    const { code } = await host1.attempt('busybox', [
      ...['wget', '-q', '-O', '/dev/null', url],
    ])
    attempt.is(code, 0)
  })
  await eventually(t, async (attempt) => {
    attempt.true(await pings(host3, 'bbox4', 'fd00:22::50'))
    attempt.true(await pings(host3, 'bbox4', 'fd00:22::1'))
  })
  const taken = [
    '--ip',
    '10.22.2.50',
    '--network',
    'ov_net3',
    'busybox',
    'true',
  ]
  const { code, stderr } = await host3.docker.attempt('run', '--rm', ...taken)
  t.not(code, 0)
  t.regex(stderr, /Address already in use: 10\.22\.2\.50/)

  await host2.docker.docker('restart', '--time', '0', 'web')
  t.like((await linksOf(host2, 'web'))[0], { addresses: ['10.22.2.50/24'] })
  t.true(await pings(host3, 'bbox4', '10.22.2.50'))
  await host2.docker.docker('rm', '--force', 'web')
  t.false((await endpoints()).join().includes('10.22.2.50'))
  await host3.docker.docker('rm', '--force', 'bbox4')
  for (const { docker } of [host3, host2]) {
    await docker.docker('network', 'rm', 'ov_net3')
  }
})

serial('overtapd is killed under a running container', async (t) => {
  const flow = ['ping', '-c', '60', '-i', '0.1', '-W', '1', '10.0.0.3']
  const running = host2.docker.docker('exec', 'bbox1', ...flow)
  await host2.daemon.crash()
  t.is((await linksOf(host2, 'bbox1')).length, 2)
  await host2.daemon.start()
  // What was running goes on.
  t.regex(await running, /60 packets transmitted, [1-9]/)
  t.true(await pings(host3, 'bbox2', '10.0.0.2'))
  t.true(await pings(host2, 'bbox1', '10.0.0.3'))
})

serial('overtapd is stopped and started as by a service manager', async (t) => {
  await host2.daemon.stop()
  t.is((await linksOf(host2, 'bbox1')).length, 2)
  await host2.daemon.start()
  t.true(await pings(host3, 'bbox2', '10.0.0.2'))
})

serial('dockerd is killed, and both at once', async (t) => {
  await host2.docker.crash()
  t.true(await pings(host3, 'bbox2', '10.0.0.2'))
  await host2.docker.start()
  t.true(await pings(host2, 'bbox1', '10.0.0.3'))

  await Promise.all([host2.docker.crash(), host2.daemon.crash()])
  await host2.daemon.start()
  await host2.docker.start()
  t.true(await pings(host2, 'bbox1', '10.0.0.3'))
  t.true(await pings(host3, 'bbox2', '10.0.0.2'))
})

serial('what is removed leaves nothing behind', async (t) => {
  await host2.docker.docker('kill', 'bbox1')
  await host3.docker.docker('rm', '--force', 'bbox2')
  await eventually(t, async (attempt) => {
    attempt.deepEqual(await endpoints(), [])
  })
  for (const { daemon } of [host2, host3]) {
    t.false((await daemon.host.run('ip', 'link')).includes('ovt'))
  }
  await host3.docker.docker('network', 'rm', 'ov_net1')
  await host2.docker.docker('rm', 'bbox1')
  await host2.docker.docker('network', 'rm', 'ov_net1')
  t.deepEqual(await host3.daemon.ask('network', 'ls'), [])
})

function subnets(...all: readonly string[]): string[] {
  return all.flatMap((subnet) => ['--subnet', subnet])
}

/** What makes `docker network create` join the network that was made last. */
async function existing(): Promise<string[]> {
  const all = await host2.daemon.ask<NetworkResponse[]>('network', 'ls')
  const newest = all.reduce((a, b) => (a.Created > b.Created ? a : b))
  const gid = `overtap.gid=${newest.Id}`
  return ['--ipam-opt', gid, '--opt', gid]
}

async function endpoints(): Promise<string[]> {
  const all = await host3.daemon.ask<EndpointResponse[]>('endpoint', 'ls')
  return all
    .map(
      ({ Host, IPv4Address, Driver }) =>
        `${Host} ${IPv4Address} ${Driver ?? 'own'}`,
    )
    .sort()
}
