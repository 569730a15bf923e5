import test from 'ava'
import { version } from '../../../../src/base/version.js'
import type { DockerStatus } from '../../../../src/frontends/docker/agent/agent.js'
import { statusResponse } from '../../../../src/frontends/api/views.js'
import { nodeHealth, nodeStatus } from '../sample.js'
import { host, overtap } from './captured.js'

test('host ls marks the host that answers', async (t) => {
  const { stdout } = await overtap(['host', 'ls'], {
    hosts: () =>
      Promise.resolve([
        host,
        { ...host, Name: 'host3', Health: 'suspect', Self: false },
      ]),
  })
  t.is(
    stdout,
    'NAME      ADDRESS          PORT   HEALTH    VERSION   STARTED\n' +
      'host2 *   192.168.56.130   4789   up        0.1.0     2026-01-02T03:04:00.000Z\n' +
      'host3     192.168.56.130   4789   suspect   0.1.0     2026-01-02T03:04:00.000Z\n',
  )
})

test('endpoint ls shows names, addresses and hosts', async (t) => {
  const { stdout } = await overtap(['endpoint', 'ls'])
  t.regex(
    stdout,
    /^b2b2b2b2b2b2 +bbox1, web +ov_net1 +host2 +10\.0\.0\.2\/24, fd00::2\/64 +02:42:0a:00:00:02 +eth0 +- +- +attached$/m,
  )
})

test('fdb show asks for one network, or all', async (t) => {
  const asked: (string | undefined)[] = []
  const answers = {
    forwarding: (network?: string) => {
      asked.push(network)
      return Promise.resolve([
        {
          Network: 'ov_net1',
          VNI: 256,
          MacAddress: '02:42:0a:00:00:03',
          Addresses: ['10.0.0.3'],
          Endpoint: 'bbox1',
          To: 'peer 192.168.56.128:4789',
          Kind: 'remote' as const,
        },
      ])
    },
  }
  const { stdout } = await overtap(['fdb', 'show', 'ov_net1'], answers)
  t.regex(
    stdout,
    /^ov_net1 +256 +02:42:0a:00:00:03 +peer 192\.168\.56\.128:4789 +remote +10\.0\.0\.3 +bbox1$/m,
  )
  await overtap(['fdb', 'show'], answers)
  t.deepEqual(asked, ['ov_net1', undefined])
})

test('status is one screen, with the drops that happened only', async (t) => {
  const { stdout } = await overtap(['status'])
  t.regex(stdout, /^Host: +host2, overtapd 0\.1\.0 since 2026/m)
  t.regex(stdout, /^VTEP: +192\.168\.56\.130:4789$/m)
  t.regex(stdout, /^Store: +connected, redis:\/\/192\.168\.56\.129:6379, at /m)
  t.regex(
    stdout,
    /^Data path: +on: udp-gso, tcp-join; off: udp-gro; unavailable: tunnel-gso \(Linux 6\.17\); paused: udp-gso towards 192\.168\.56\.128:4789 \(Input\/output error\)$/m,
  )
  t.regex(stdout, /^bbox1\/eth0 +1 +98 +2 +196$/m)
  t.regex(stdout, /^192\.168\.56\.128:4789 +1500 +3 +294 +4 +392$/m)
  t.regex(stdout, /^unknown_vni +5$/m)
  t.notRegex(stdout, /runt/)
  t.regex(
    stdout,
    /^DNS: +12 answered, 1 nxdomain, 3 forwarded, 2 cached \(4 over TCP\); asks 192\.168\.56\.1:53, \[fd00:56::1\]:5353 \(down: no answer within a second\)$/m,
  )
  t.true(stdout.split('\n').length <= 26)
})

test('status says whether Docker is reached', async (t) => {
  const says = async (docker?: DockerStatus) => {
    const { stdout } = await overtap(['status'], {
      status: () =>
        Promise.resolve(statusResponse(nodeStatus, nodeHealth, docker)),
    })
    return /^Docker: +(.*)$/m.exec(stdout)?.[1]
  }
  const version = '20.10.24'
  t.is(await says(), 'not served')
  t.is(
    await says({ state: 'connected', version, problem: '' }),
    'connected, version 20.10.24',
  )
  t.is(
    await says({ state: 'away', version, problem: 'connect ENOENT' }),
    'away (connect ENOENT)',
  )
})

test('status says that all is well, and what happened last', async (t) => {
  const { stdout } = await overtap(['status'])
  t.regex(stdout, /^Health: +well$/m)
  t.regex(stdout, /^Lease: +for 12 s$/m)
  t.regex(stdout, /^Hosts: +2 \(2 up, 0 suspect, 0 dead\)$/m)
  t.regex(
    stdout,
    /^LAST EVENTS\n2026-01-02T03:04:05.000Z {2}host-up +host3 is in the cluster$/m,
  )
})

test('status says what is wrong', async (t) => {
  const { stdout } = await overtap(['status'], {
    status: () =>
      Promise.resolve({
        ...statusResponse(nodeStatus, {
          ...nodeHealth,
          problems: ['the store is away', 'host3 is dead'],
          leaseMs: null,
          hosts: null,
        }),
      }),
  })
  t.regex(stdout, /^Health: +the store is away; host3 is dead$/m)
  t.regex(stdout, /^Lease: +not known$/m)
  t.regex(stdout, /^Hosts: +2$/m)
})

test('status writes an IPv6 VTEP so that its port can be told', async (t) => {
  const { stdout } = await overtap(['status'], {
    status: () =>
      Promise.resolve({
        ...statusResponse(nodeStatus, nodeHealth),
        Address: '2001:db8::1',
      }),
  })
  t.regex(stdout, /^VTEP: +\[2001:db8::1\]:4789$/m)
})

test('status says so when nothing was dropped', async (t) => {
  const status = statusResponse(nodeStatus, nodeHealth)
  const { stdout } = await overtap(['status'], {
    status: () =>
      Promise.resolve({
        ...status,
        Engine: { ...status.Engine, Ports: [], Drops: { runt: 0 } },
      }),
  })
  t.regex(stdout, /No frames dropped\./)
  t.notRegex(stdout, /^PORT/m)
})

test('version shows both sides', async (t) => {
  const { stdout } = await overtap(['version'])
  t.regex(stdout, new RegExp(`^Client: +${version}$`, 'm'))
  t.regex(stdout, /^Server: +9\.8\.7$/m)
  const json = await overtap(['version', '--json'])
  t.like(JSON.parse(json.stdout), { Client: { Version: version } })
})

for (const line of [
  'host ls',
  'network ls',
  'endpoint ls',
  'fdb show',
  'status',
  'version',
  'network create n',
  'network inspect n',
  'network rm n',
  'network connect n t',
  'network disconnect n t',
]) {
  test(`${line} takes --json before and after the command`, async (t) => {
    const before = await overtap(['--json', ...line.split(' ')])
    const after = await overtap([...line.split(' '), '--json'])
    t.notThrows(() => JSON.parse(before.stdout) as unknown)
    t.deepEqual(after, before)
  })
}
