//  The tutorial with Docker's own commands, on hosts whose Docker is kept up to
//  date: each network is made once, containers are found by their names.
//
//   bbox1              bbox2  bbox3
//   dockerd            dockerd
//   overtapd @ host2   overtapd @ host3
//      (.130) --- switch --- (.128)

import test from 'ava'
import type { ExecutionContext } from 'ava'
import type {
  NetworkResponse,
  StatusResponse,
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
import { testUnless } from '../support/test-unless.js'

const missing = dockerMissing()
const serial = missing === undefined ? test.serial : test.serial.skip
let cluster: DockerCluster | undefined
let host2: DockerMachine
let host3: DockerMachine

test.before(async () => {
  if (missing !== undefined) return
  cluster = await DockerCluster.start({ agent: true })
  ;({ host2, host3 } = cluster)
})

test.after.always(() => cluster?.stop())

testUnless(missing, 'dockerd can run here', (t) => {
  t.pass()
  return Promise.resolve()
})

serial('step 1: status says that Docker is there', async (t) => {
  await eventually(t, async (attempt) => {
    const { Docker } = await host2.daemon.ask<StatusResponse>('status')
    attempt.is(Docker?.State, 'connected')
    attempt.regex(Docker?.Version ?? '', /^20\.10\./)
  })
})

serial('step 2: a network is on each host at once', async (t) => {
  await createNetwork(host2, 'ov_net1', '--label', 'team=net')
  await has(t, host3, 'ov_net1')
  const { stdout } = await host3.daemon.cli('network', 'ls')
  t.regex(stdout, /ov_net1 +overtap +global/)
})

serial('step 3: both say the same of it', async (t) => {
  await createNetwork(host3, 'ov_net2')
  await has(t, host2, 'ov_net1', 'ov_net2')
  for (const { docker } of [host2, host3]) {
    const subnets = ['ov_net1', 'ov_net2'].map(async (name) => {
      const { IPAM } = await docker.inspect<NetworkResponse>(name)
      return IPAM.Config
    })
    t.deepEqual(await Promise.all(subnets), [
      [{ Subnet: '10.0.0.0/24', Gateway: '10.0.0.1' }],
      [{ Subnet: '10.0.1.0/24', Gateway: '10.0.1.1' }],
    ])
  }
  const [one, two] = await host2.daemon.ask<NetworkResponse[]>('network', 'ls')
  t.deepEqual([one?.VNI, two?.VNI], [256, 257])
  t.deepEqual(one?.Labels, { team: 'net' })
  const { Labels } = await host3.docker.inspect<NetworkResponse>('ov_net1')
  t.deepEqual(Labels, { team: 'net', 'overtap.gid': one?.Id })
})

serial('step 8: a container of another host is pinged by name', async (t) => {
  const dns = ['--dns', '10.0.0.1']
  await runContainer(host2, 'bbox1', 'ov_net1', '--network-alias', 'web')
  await runContainer(host3, 'bbox2', 'ov_net1', ...dns)
  await eventually(t, async (attempt) => {
    attempt.true(await pings(host3, 'bbox2', 'bbox1'))
  })
  t.true(await pings(host3, 'bbox2', 'web'))
  t.true(await pings(host3, 'bbox2', 'bbox1.ov_net1'))
  const format = '{{.Config.Hostname}}'
  const id = await host2.docker.docker('inspect', '--format', format, 'bbox1')
  t.true(await pings(host3, 'bbox2', id))
})

serial('a renamed container is found by its new name', async (t) => {
  await host2.docker.docker('rename', 'bbox1', 'renamed')
  await eventually(t, async (attempt) => {
    attempt.true(await pings(host3, 'bbox2', 'renamed'))
  })
  t.false(await pings(host3, 'bbox2', 'bbox1'))
  await host2.docker.docker('rename', 'renamed', 'bbox1')
  await eventually(t, async (attempt) => {
    attempt.true(await pings(host3, 'bbox2', 'bbox1'))
  })
})

serial('step 10: one of another network reaches neither', async (t) => {
  await runContainer(host3, 'bbox3', 'ov_net2', '--dns', '10.0.1.1')
  t.like((await linksOf(host3, 'bbox3'))[0], { addresses: ['10.0.1.2/24'] })
  t.false(await pings(host3, 'bbox3', '10.0.0.2'))
  t.false(await pings(host3, 'bbox3', 'bbox1'))
})

serial('step 11: until it is connected, and after', async (t) => {
  await host3.docker.docker('network', 'connect', 'ov_net1', 'bbox3')
  t.like((await linksOf(host3, 'bbox3'))[2], {
    name: 'eth2',
    addresses: ['10.0.0.4/24'],
  })
  t.true(await pings(host3, 'bbox3', '10.0.0.2'))
  t.true(await pings(host3, 'bbox3', 'bbox1'))
  await eventually(t, async (attempt) => {
    const inside = ['exec', 'bbox2', 'nslookup', 'bbox3', '10.0.0.1']
    const { stdout } = await host3.docker.attempt(...inside)
    attempt.regex(stdout, /10\.0\.0\.4/)
  })
  await host3.docker.docker('network', 'disconnect', 'ov_net1', 'bbox3')
  t.false(await pings(host3, 'bbox3', '10.0.0.2'))
})

serial('step 12: a subnet of the user, one sequence for all', async (t) => {
  await createNetwork(host2, 'ov_net3', '--subnet', '10.22.1.0/24')
  await has(t, host3, 'ov_net1', 'ov_net2', 'ov_net3')
  await runContainer(host2, 'four', 'ov_net3')
  await runContainer(host3, 'five', 'ov_net3')
  const first = async (machine: DockerMachine, name: string) =>
    (await linksOf(machine, name))[0]?.addresses
  t.deepEqual(await first(host2, 'four'), ['10.22.1.2/24'])
  t.deepEqual(await first(host3, 'five'), ['10.22.1.3/24'])
})

serial('step 13: a network in use is not removed', async (t) => {
  const { code, stderr } = await host2.daemon.cli('network', 'rm', 'ov_net3')
  t.not(code, 0)
  t.regex(stderr, /four.*host2/s)
  t.regex(stderr, /five.*host3/s)
  // Docker asks nobody once its own containers are gone.
  await host2.docker.docker('rm', '--force', 'four')
  await host2.docker.docker('network', 'rm', 'ov_net3')
  await has(t, host2, 'ov_net1', 'ov_net2', 'ov_net3')
  const { stdout } = await host2.daemon.cli('events')
  t.regex(stdout, /network-recreated .*five.*host3/)
  await runContainer(host2, 'four', 'ov_net3')
  t.true(await pings(host2, 'four', '10.22.1.3'))
})

serial('and when it is not, it is gone on each host', async (t) => {
  await host2.docker.docker('rm', '--force', 'four')
  await host3.docker.docker('rm', '--force', 'five')
  await host2.docker.docker('network', 'rm', 'ov_net3')
  await has(t, host3, 'ov_net1', 'ov_net2')
  await host3.docker.docker('rm', '--force', 'bbox3')
  const { code } = await host2.daemon.cli('network', 'rm', 'ov_net2')
  t.is(code, 0)
  for (const machine of [host2, host3]) await has(t, machine, 'ov_net1')
})

serial('a container that is started again is found by its names', async (t) => {
  await host2.docker.docker('restart', '--time', '0', 'bbox1')
  await eventually(t, async (attempt) => {
    attempt.true(await pings(host3, 'bbox2', 'web'))
  })
  t.true(await pings(host3, 'bbox2', 'bbox1'))
})

serial('a network has all its settings on each host', async (t) => {
  const settings = [
    ...['--subnet', '10.22.6.0/24', '--gateway', '10.22.6.254'],
    ...['--ip-range', '10.22.6.128/25', '--aux-address', 'tap=10.22.6.128'],
    ...['--ipv6', '--subnet', 'fd00:6::/64', '--internal'],
    ...['--opt', 'com.docker.network.driver.mtu=1400'],
  ]
  await createNetwork(host2, 'ov_net6', ...settings)
  await has(t, host3, 'ov_net1', 'ov_net6')
  const [here, there] = await Promise.all(
    [host2, host3].map(async ({ docker }) => {
      const network = await docker.inspect<NetworkResponse>('ov_net6')
      const { Internal, EnableIPv6, IPAM, Options } = network
      const mtu = Options['com.docker.network.driver.mtu']
      return { Internal, EnableIPv6, Config: IPAM.Config, mtu }
    }),
  )
  t.like(there, { Internal: true, EnableIPv6: true, mtu: '1400' })
  t.like(there?.Config[0], {
    ...{ Subnet: '10.22.6.0/24', IPRange: '10.22.6.128/25' },
    ...{ Gateway: '10.22.6.254', AuxiliaryAddresses: { tap: '10.22.6.128' } },
  })
  t.is(there?.Config[1]?.Subnet, here?.Config[1]?.Subnet)
  await runContainer(host2, 'six', 'ov_net6')
  await runContainer(host3, 'seven', 'ov_net6', '--dns', '10.22.6.254')
  const links = await linksOf(host3, 'seven')
  t.like(links, [{ mtu: 1350, addresses: ['10.22.6.130/24'] }])
  t.is(links.length, 1, 'no way outside')
  await eventually(t, async (attempt) => {
    const ping = ['exec', 'seven', 'ping', '-6', '-c1', '-W1', 'six']
    attempt.is((await host3.docker.attempt(...ping)).code, 0)
  })
  await host2.docker.docker('rm', '--force', 'six')
  await host3.docker.docker('rm', '--force', 'seven')
  await host3.docker.docker('network', 'rm', 'ov_net6')
  await has(t, host2, 'ov_net1')
})

serial('what was missed is made up for', async (t) => {
  await host3.daemon.crash()
  await createNetwork(host2, 'ov_net4')
  await host2.docker.docker('rename', 'bbox1', 'later')
  await host3.daemon.start()
  await has(t, host3, 'ov_net1', 'ov_net4')
  await eventually(t, async (attempt) => {
    attempt.true(await pings(host3, 'bbox2', 'later'))
  })
  await host3.docker.crash()
  await host2.daemon.ask('network', 'create', 'ov_net5')
  await eventually(t, async (attempt) => {
    const { Docker } = await host3.daemon.ask<StatusResponse>('status')
    attempt.is(Docker?.State, 'away')
  })
  await host3.docker.start()
  await has(t, host3, 'ov_net1', 'ov_net4', 'ov_net5')
})

/** Waits until Docker has exactly these networks of ours. */
async function has(
  t: ExecutionContext,
  { docker }: DockerMachine,
  ...names: readonly string[]
): Promise<void> {
  await eventually(t, async (attempt) => {
    const list = ['network', 'ls', '--filter', 'driver=overtap']
    const shown = await docker.docker(...list, '--format', '{{.Name}}')
    attempt.deepEqual(shown.split('\n').filter(Boolean).sort(), names)
  })
}
