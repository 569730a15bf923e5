import test from 'ava'
import { errors } from '../../../../src/base/errors.js'
import type { ApiClient } from '../../../../src/frontends/api/client.js'
import type {
  ConnectBody,
  CreateNetworkBody,
} from '../../../../src/frontends/api/schema.js'
import { networkId } from '../sample.js'
import { endpoint, network, overtap } from './captured.js'

/** Remembers what a new network was to be. */
function creating(): {
  readonly bodies: CreateNetworkBody[]
  readonly answers: Pick<ApiClient, 'createNetwork'>
} {
  const bodies: CreateNetworkBody[] = []
  const createNetwork = (body: CreateNetworkBody) => {
    bodies.push(body)
    return Promise.resolve(network)
  }
  return { bodies, answers: { createNetwork } }
}

/** Remembers how a container was to be connected. */
function connecting(): {
  readonly calls: { readonly network: string; readonly body: ConnectBody }[]
  readonly answers: Pick<ApiClient, 'connect'>
} {
  const calls: { network: string; body: ConnectBody }[] = []
  const connect = (reference: string, body: ConnectBody) => {
    calls.push({ network: reference, body })
    return Promise.resolve(endpoint)
  }
  return { calls, answers: { connect } }
}

test('network create prints the id, as docker does', async (t) => {
  const { bodies, answers } = creating()
  const { code, stdout } = await overtap(
    ['network', 'create', 'ov_net1'],
    answers,
  )
  t.is(code, 0)
  t.is(stdout, `${networkId}\n`)
  t.deepEqual(bodies, [
    {
      Name: 'ov_net1',
      IPAM: { Config: [] },
      Internal: false,
      EnableIPv6: false,
      Options: {},
      Labels: {},
    },
  ])
})

test('network create passes every option on', async (t) => {
  const { bodies, answers } = creating()
  const line =
    'network create --subnet 10.22.1.0/24 --subnet fd00::/64 --gateway fd00::9 --gateway 10.22.1.9 ' +
    '--ip-range 10.22.1.128/25 --aux-address nas=10.22.1.7 --aux-address r=10.22.1.8 --ipv6 --vni 300 --internal -o a=1 --opt b=x=y --label c --label d=4 ov_net3'
  t.is((await overtap(line.split(' '), answers)).code, 0)
  t.deepEqual(bodies, [
    {
      Name: 'ov_net3',
      VNI: 300,
      Internal: true,
      EnableIPv6: true,
      IPAM: {
        Config: [
          {
            Subnet: '10.22.1.0/24',
            Gateway: '10.22.1.9',
            IPRange: '10.22.1.128/25',
            AuxiliaryAddresses: { nas: '10.22.1.7', r: '10.22.1.8' },
          },
          { Subnet: 'fd00::/64', Gateway: 'fd00::9' },
        ],
      },
      Options: { a: '1', b: 'x=y' },
      Labels: { c: '', d: '4' },
    },
  ])
})

test('network ls has the columns of docker, VNI and subnet', async (t) => {
  const { stdout } = await overtap(['network', 'ls'])
  t.is(
    stdout,
    'NETWORK ID     NAME      DRIVER    SCOPE    VNI   SUBNET\n' +
      'a1a1a1a1a1a1   ov_net1   overtap   global   256   10.0.0.0/24, fd00::/64\n',
  )
})

test('network ls without networks shows its head only', async (t) => {
  const { code, stdout } = await overtap(['network', 'ls'], {
    networks: () => Promise.resolve([]),
  })
  t.is(code, 0)
  t.regex(stdout, /^NETWORK ID.*SUBNET\n$/)
})

test('network inspect --json is an array, as docker prints it', async (t) => {
  const { stdout } = await overtap(['network', 'inspect', '--json', 'ov_net1'])
  t.deepEqual(JSON.parse(stdout), [JSON.parse(JSON.stringify(network))])
})

test('network inspect shows the facts and the members', async (t) => {
  const { stdout } = await overtap(['network', 'inspect', 'ov_net1'])
  t.regex(stdout, /^Name: +ov_net1$/m)
  t.regex(stdout, /^VNI: +256$/m)
  t.regex(
    stdout,
    /^Subnet: +10\.0\.0\.0\/24, gateway 10\.0\.0\.1, addresses from 10\.0\.0\.128\/25$/m,
  )
  t.regex(
    stdout,
    /^bbox1 +host2 +eth0 +10\.0\.0\.2\/24 +fd00::2\/64 +02:42:0a:00:00:02$/m,
  )
})

test('network inspect shows what it finds and names what it does not', async (t) => {
  const { code, stdout, stderr } = await overtap(
    ['network', 'inspect', '--json', 'ov_net1', 'nope'],
    {
      network: (reference) =>
        reference === 'nope'
          ? Promise.reject(errors.NETWORK_NOT_FOUND(reference))
          : Promise.resolve(network),
    },
  )
  t.is(code, 1)
  t.is((JSON.parse(stdout) as unknown[]).length, 1)
  t.like(JSON.parse(stderr), { code: 'NETWORK_NOT_FOUND' })
})

test('network rm goes on past a refusal and says what happened to each', async (t) => {
  const answers: Partial<ApiClient> = {
    removeNetwork: (reference) =>
      reference === 'busy'
        ? Promise.reject(
            errors.NETWORK_IN_USE('busy', [
              { endpoint: 'bbox1', host: 'host2' },
            ]),
          )
        : Promise.resolve(),
  }
  const result = await overtap(['network', 'rm', 'busy', 'idle'], answers)
  t.is(result.code, 1)
  t.is(result.stdout, 'idle\n')
  t.is(
    result.stderr,
    'overtap: network busy has active endpoints: bbox1 (host2)\n' +
      '  -> disconnect each on its host first: overtap network disconnect busy TARGET\n',
  )
  const json = await overtap(
    ['network', 'rm', 'busy', 'idle', '--json'],
    answers,
  )
  t.deepEqual(JSON.parse(json.stdout), ['idle'])
  t.like(JSON.parse(json.stderr), {
    code: 'NETWORK_IN_USE',
    details: { holders: [{ endpoint: 'bbox1', host: 'host2' }] },
  })
})

test('network connect prints interface, addresses and MAC', async (t) => {
  const { calls, answers } = connecting()
  const { code, stdout, stderr } = await overtap(
    ['network', 'connect', 'ov_net1', 'bbox1'],
    answers,
  )
  t.is(code, 0)
  t.is(stdout, 'eth0  10.0.0.2/24  fd00::2/64  02:42:0a:00:00:02\n')
  t.is(stderr, '')
  t.deepEqual(calls, [
    {
      network: 'ov_net1',
      body: { Target: 'bbox1', Aliases: [], Publish: [] },
    },
  ])
})

test('network connect passes every option on, and says what -p is worth', async (t) => {
  const { calls, answers } = connecting()
  const line =
    'network connect --name web --ip 10.0.0.9 --alias a --alias b -p 80:80 ' +
    '--publish 127.0.0.1:53:53/udp --interface eth7 ov_net1 pid:12'
  await overtap(line.split(' '), answers)
  t.deepEqual(calls[0]?.body, {
    Target: 'pid:12',
    Name: 'web',
    IPAddress: '10.0.0.9',
    Aliases: ['a', 'b'],
    Publish: ['80:80', '127.0.0.1:53:53/udp'],
    Interface: 'eth7',
  })
})

for (const [target, sent] of [
  ['bbox1', 'bbox1'],
  ['pid:12', 'pid:12'],
  ['./ns', '/home/user/ns'],
  ['../ns', '/home/ns'],
  ['run/ns', '/home/user/run/ns'],
  ['/run/netns/x', '/run/netns/x'],
] as const) {
  test(`target ${target} is sent to the daemon as ${sent}`, async (t) => {
    const { calls, answers } = connecting()
    await overtap(['network', 'connect', 'ov_net1', target], answers)
    t.is(calls[0]?.body.Target, sent)
  })
}

test('network disconnect is silent, as docker is', async (t) => {
  const calls: unknown[] = []
  const { code, stdout } = await overtap(
    ['network', 'disconnect', 'ov_net1', './ns'],
    {
      disconnect: (reference, body) => {
        calls.push([reference, body])
        return Promise.resolve(endpoint)
      },
    },
  )
  t.is(code, 0)
  t.is(stdout, '')
  t.deepEqual(calls, [['ov_net1', { Target: '/home/user/ns' }]])
})

test('network disconnect --json tells what was disconnected', async (t) => {
  const line = ['--json', 'network', 'disconnect', 'ov_net1', 'bbox1']
  const { stdout } = await overtap(line)
  t.like(JSON.parse(stdout), { Name: 'bbox1', IPv4Address: '10.0.0.2/24' })
})
