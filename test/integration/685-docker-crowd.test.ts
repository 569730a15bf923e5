//  Many containers of Docker at once, on two hosts; alone, as they take time.
//
//   c1 ... c25         c1 ... c25
//   dockerd            dockerd
//   overtapd @ host2   overtapd @ host3
//      (.130) --- switch --- (.128)

import test from 'ava'
import type { EndpointResponse } from '../../src/frontends/api/schema.js'
import {
  createNetwork,
  DockerCluster,
  pings,
  runContainer,
} from '../lab/docker-cluster.js'
import type { DockerMachine } from '../lab/docker-cluster.js'
import { dockerMissing, image } from '../lab/docker.js'
import { eventually } from '../lab/eventually.js'
import { testUnless } from '../support/test-unless.js'

/** On each of the two hosts. */
const count = 25
const names = Array.from({ length: count }, (_, index) => `c${index + 1}`)

const missing = dockerMissing()
let cluster: DockerCluster | undefined

test.before(async () => {
  if (missing === undefined)
    cluster = await DockerCluster.start({ agent: true })
})

test.after.always(() => cluster?.stop())

testUnless(
  missing,
  'a container reaches another host about as soon as one beside it on a bridge',
  async (t) => {
    if (!cluster) return
    const { host2, host3 } = cluster
    await createNetwork(host2, 'start')
    await host3.docker.docker('network', 'create', 'plain')
    await eventually(t, async (attempt) => {
      attempt.regex(await host3.docker.docker('network', 'ls'), /start/)
    })
    await runContainer(host2, 'far', 'start')
    await runContainer(host3, 'near', 'plain')
    const [near = ''] = await addressesOn(host3, ['near'])
    const ping = (network: string, address: string) => {
      const to = address.replace(/\/.*/, '')
      const command = ['ping', '-c', '1', '-W', '2', to]
      return host3.docker.docker(
        ...['run', '--rm', '--network', network, image, ...command],
      )
    }
    const overtap: number[] = []
    const bridge: number[] = []
    // In turns, so that both have the same machine; the first are not counted.
    for (let i = 0; i <= 7; i++) {
      overtap.push(await millisecondsOf(() => ping('start', '10.0.0.2')))
      bridge.push(await millisecondsOf(() => ping('plain', near)))
    }
    const took = [overtap, bridge].map((all) => median(all.slice(1)))
    const [ours = 0, theirs = 0] = took
    t.log(
      `docker run to the end of the first ping: ${ours} ms over overtap to another host, ${theirs} ms over a bridge of Docker`,
    )
    t.true(ours < 3 * theirs + 1000, `${ours} ms, ${theirs} ms`)
    await host2.docker.docker('rm', '--force', 'far')
    await host2.docker.docker('network', 'rm', 'start')
  },
)

testUnless(
  missing,
  'containers started at once have addresses and names of their own, and leave nothing',
  async (t) => {
    if (!cluster) return
    const { host2, host3 } = cluster
    await createNetwork(host2, 'crowd')
    await eventually(t, async (attempt) => {
      attempt.regex(await host3.docker.docker('network', 'ls'), /crowd/)
    })
    const hosts = [host2, host3]

    // Of the same names on both hosts.
    await Promise.all(
      hosts.flatMap((host) =>
        names.map((name) => runContainer(host, name, 'crowd')),
      ),
    )

    const addresses = await Promise.all(
      hosts.map((host) => addressesOn(host, names)),
    )
    t.is(new Set(addresses.flat()).size, 2 * count)
    const endpoints = () =>
      host3.daemon.ask<EndpointResponse[]>('endpoint', 'ls', 'crowd')
    await eventually(t, async (attempt) => {
      const listed = (await endpoints()).map(({ Host, Name }) => Host + Name)
      const expected = ['host2', 'host3'].flatMap((host) =>
        names.map((name) => host + name),
      )
      attempt.deepEqual(listed.sort(), expected.sort())
    })
    t.deepEqual(
      (await endpoints()).map(({ IPv4Address }) => IPv4Address).sort(),
      addresses.flat().sort(),
    )
    for (const address of addresses[1]?.slice(0, 5) ?? []) {
      t.true(await pings(host2, 'c1', address.replace(/\/.*/, '')), address)
    }

    await Promise.all(
      hosts.map(({ docker }) => docker.docker('rm', '--force', ...names)),
    )
    await eventually(t, async (attempt) => {
      attempt.deepEqual(await endpoints(), [])
      const findings = await host2.daemon.ask('ipam', 'fsck')
      attempt.deepEqual(findings, [])
    })
    for (const { daemon } of hosts) {
      t.false((await daemon.host.run('ip', 'link')).includes('ovt'))
    }
    await host3.docker.docker('network', 'rm', 'crowd')
    await eventually(t, async (attempt) => {
      attempt.deepEqual(await host2.daemon.ask('network', 'ls'), [])
    })
  },
)

/** As the containers of a host see them, with prefix length. */
async function addressesOn(
  { docker }: DockerMachine,
  containers: readonly string[],
): Promise<string[]> {
  const format =
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}/{{.IPPrefixLen}}{{end}}'
  const shown = await docker.docker(
    'inspect',
    '--format',
    format,
    ...containers,
  )
  return shown.split('\n').filter(Boolean)
}

async function millisecondsOf(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await task()
  return Math.round(performance.now() - start)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
