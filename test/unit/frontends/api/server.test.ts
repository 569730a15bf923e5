import test from 'ava'
import { Client } from 'undici'
import { errors } from '../../../../src/base/errors.js'
import type {
  ConnectRequest,
  CreateNetwork,
} from '../../../../src/node/use-cases.js'
import {
  endpointId,
  endpointView,
  fakeNode,
  networkId,
  networkView,
  nodeStatus,
} from '../sample.js'
import { serve } from './served.js'

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** A request as any HTTP client would make it. */
async function ask(
  socketPath: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: string,
): Promise<Answer> {
  const http = new Client('http://overtapd', { socketPath })
  try {
    const response = await http.request({
      method,
      path,
      ...(body !== undefined && {
        body,
        headers: { 'content-type': 'application/json' },
      }),
    })
    const text = await response.body.text()
    return {
      status: response.statusCode,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    }
  } finally {
    await http.close()
  }
}

test('a network is shown with the field names of docker network inspect', async (t) => {
  const { client } = await serve(t)
  t.deepEqual(await client.network('ov_net1'), {
    Name: 'ov_net1',
    Id: networkId,
    Created: '2026-01-02T03:04:05.000Z',
    Scope: 'global',
    Driver: 'overtap',
    EnableIPv6: true,
    Internal: false,
    Attachable: true,
    IPAM: {
      Driver: 'overtap',
      Options: {},
      Config: [
        {
          Subnet: '10.0.0.0/24',
          Gateway: '10.0.0.1',
          IPRange: '10.0.0.128/25',
        },
        { Subnet: 'fd00::/64', Gateway: 'fd00::1' },
      ],
    },
    VNI: 256,
    Containers: {
      [endpointId]: {
        Name: 'bbox1',
        EndpointID: endpointId,
        MacAddress: '02:42:0a:00:00:02',
        IPv4Address: '10.0.0.2/24',
        IPv6Address: 'fd00::2/64',
        Host: 'host2',
        Interface: 'eth0',
      },
    },
    Options: {
      color: 'blue',
      'com.docker.network.driver.overlay.vxlanid_list': '256',
    },
    Labels: { team: 'net' },
  })
  const one = await client.network('ov_net1')
  t.deepEqual(await client.networks(), [{ ...one, Containers: {} }])
})

test('hosts, endpoints and the forwarding table are listed', async (t) => {
  const { client } = await serve(t)
  t.deepEqual(await client.hosts(), [
    {
      Name: 'host2',
      Address: '192.168.56.130',
      Port: 4789,
      Health: 'up',
      Version: '0.1.0',
      StartedAt: '2026-01-02T03:04:00.000Z',
      Self: true,
    },
  ])
  t.deepEqual(await client.endpoints(), [
    {
      EndpointID: endpointId,
      Name: 'bbox1',
      Network: 'ov_net1',
      NetworkID: networkId,
      Host: 'host2',
      IPv4Address: '10.0.0.2/24',
      IPv6Address: 'fd00::2/64',
      MacAddress: '02:42:0a:00:00:02',
      Interface: 'eth0',
      Target: 'bbox1',
      Aliases: ['web'],
      Publish: [],
      State: 'attached',
    },
  ])
  t.deepEqual(await client.forwarding(), [
    {
      Network: 'ov_net1',
      VNI: 256,
      MacAddress: '02:42:0a:00:00:02',
      Addresses: ['10.0.0.2'],
      Endpoint: 'bbox1',
      To: 'port eth0',
      Kind: 'local',
    },
  ])
})

test('the forwarding table of one network is asked for by its name', async (t) => {
  const asked: (string | undefined)[] = []
  const { client } = await serve(t, {
    forwarding: (network) => {
      asked.push(network)
      return []
    },
  })
  await client.forwarding('ov net/1')
  t.deepEqual(asked, ['ov net/1'])
})

test('status names ports and peers beside their counters', async (t) => {
  const { client } = await serve(t)
  const status = await client.status()
  t.is(status.Store.State, 'connected')
  t.deepEqual(status.Engine.Ports, [
    { Name: 'bbox1/eth0', RxFrames: 1, RxBytes: 98, TxFrames: 2, TxBytes: 196 },
  ])
  t.is(status.Engine.Peers[0]?.Name, '192.168.56.128:4789')
  t.is(status.Engine.Peers[0]?.PathMTU, 1500)
  t.deepEqual(status.Engine.Drops, { runt: 0, unknown_vni: 5 })
  t.deepEqual(status.Endpoints, { Local: 1, Total: 2 })
  t.deepEqual(status.HostHealth, { Up: 2, Suspect: 0, Dead: 0 })
  t.deepEqual(status.Problems, [])
  t.is(status.LeaseMs, 11_500)
  t.is(status.Store.SettlesInMs, 0)
  t.is(status.Events[0]?.Kind, 'host-up')
})

test('the version of the API is told beside that of the daemon', async (t) => {
  const { client } = await serve(t)
  const { Version, ApiVersion } = await client.version()
  t.regex(Version, /^\d+\.\d+\.\d+/)
  t.is(ApiVersion, '1')
})

test('creating a network passes everything on and answers 201', async (t) => {
  const requests: CreateNetwork[] = []
  const { networks } = fakeNode()
  const { socket } = await serve(t, {
    networks: {
      ...networks,
      create: (request) => {
        requests.push(request)
        return Promise.resolve(networkView)
      },
    },
  })
  const body = JSON.stringify({
    Name: 'ov_net1',
    VNI: 300,
    Internal: true,
    EnableIPv6: true,
    IPAM: {
      Config: [
        { Subnet: '10.22.1.0/24', Gateway: '10.22.1.9' },
        {
          Subnet: '10.23.0.0/16',
          IPRange: '10.23.5.0/24',
          AuxiliaryAddresses: { nas: '10.23.0.7' },
        },
      ],
    },
    Options: { a: '1' },
    Labels: { b: '2' },
  })
  const { status } = await ask(socket, 'POST', '/v1/networks', body)
  t.is(status, 201)
  t.deepEqual(requests, [
    {
      name: 'ov_net1',
      vni: 300,
      internal: true,
      subnets: ['10.22.1.0/24', '10.23.0.0/16'],
      gateways: ['10.22.1.9'],
      ipRanges: ['10.23.5.0/24'],
      auxAddresses: { nas: '10.23.0.7' },
      ipv6: true,
      options: { a: '1' },
      labels: { b: '2' },
    },
  ])
})

test('connecting passes everything on and answers with the endpoint', async (t) => {
  const requests: ConnectRequest[] = []
  const { endpoints } = fakeNode()
  const { client } = await serve(t, {
    endpoints: {
      ...endpoints,
      connect: (request) => {
        requests.push(request)
        return Promise.resolve(endpointView)
      },
    },
  })
  const endpoint = await client.connect('ov_net1', {
    Target: 'pid:12',
    Name: 'bbox1',
    IPAddress: '10.0.0.9',
    Aliases: ['web'],
    Publish: ['80:80'],
    Interface: 'eth7',
  })
  t.is(endpoint.EndpointID, endpointId)
  t.deepEqual(requests, [
    {
      network: 'ov_net1',
      target: 'pid:12',
      name: 'bbox1',
      ip: '10.0.0.9',
      aliases: ['web'],
      publish: ['80:80'],
      interface: 'eth7',
    },
  ])
})

test('removing and disconnecting name network and target', async (t) => {
  const calls: string[] = []
  const { networks, endpoints } = fakeNode()
  const { socket, client } = await serve(t, {
    networks: {
      ...networks,
      remove: (reference) => {
        calls.push(`remove ${reference}`)
        return Promise.resolve()
      },
    },
    endpoints: {
      ...endpoints,
      disconnect: (network, target) => {
        calls.push(`disconnect ${network} ${target}`)
        return Promise.resolve(endpointView)
      },
    },
  })
  await client.disconnect('ov_net1', { Target: '/run/netns/bbox1' })
  t.deepEqual(await ask(socket, 'DELETE', '/v1/networks/ov_net1'), {
    status: 204,
    body: undefined,
  })
  t.deepEqual(calls, ['disconnect ov_net1 /run/netns/bbox1', 'remove ov_net1'])
})

test('an error of the daemon travels with its code, remedy and details', async (t) => {
  const { networks } = fakeNode()
  const { socket, client } = await serve(t, {
    networks: {
      ...networks,
      remove: (reference) =>
        Promise.reject(
          errors.NETWORK_IN_USE(reference, [
            { endpoint: 'bbox1', host: 'host2' },
          ]),
        ),
    },
  })
  t.deepEqual(await ask(socket, 'DELETE', '/v1/networks/ov_net1'), {
    status: 409,
    body: {
      code: 'NETWORK_IN_USE',
      message: 'network ov_net1 has active endpoints: bbox1 (host2)',
      remedy:
        'disconnect each on its host first: overtap network disconnect ov_net1 TARGET',
      details: { holders: [{ endpoint: 'bbox1', host: 'host2' }] },
    },
  })
  await t.throwsAsync(client.removeNetwork('ov_net1'), {
    code: 'NETWORK_IN_USE',
  })
})

test('a bug is answered with an id, and the log has it with the error', async (t) => {
  const bug = new TypeError('undefined is not a function')
  const { client, logged } = await serve(t, {
    hosts: { list: () => Promise.reject(bug) },
  })
  const error = await t.throwsAsync(client.hosts(), { code: 'INTERNAL' })
  const id = /error ([0-9a-f]{8})/.exec(error.message)?.[1] ?? 'no id'
  t.false(error.message.includes('undefined'))
  t.is(logged.length, 1)
  t.true(logged[0]?.message.includes(id))
  t.is(logged[0]?.err, bug)
})

test('an invalid request is told all of its problems', async (t) => {
  const { socket } = await serve(t)
  const body = JSON.stringify({ VNI: 0, Labels: { a: 1 }, Subnets: [] })
  const answer = await ask(socket, 'POST', '/v1/networks', body)
  t.is(answer.status, 400)
  const { code, details } = answer.body as {
    code: string
    details: { field: string }[]
  }
  t.is(code, 'REQUEST_INVALID')
  t.deepEqual(details.map(({ field }) => field).sort(), [
    'Labels.a',
    'Name',
    'VNI',
    'body',
  ])
})

for (const [what, body] of [
  ['no JSON', '{'],
  ['nothing', undefined],
  ['more than a mebibyte', JSON.stringify({ Name: 'x'.repeat(2 ** 20) })],
] as const) {
  test(`a request with ${what} in its body is the client's fault`, async (t) => {
    const { socket, logged } = await serve(t)
    const answer = await ask(socket, 'POST', '/v1/networks', body)
    t.is(answer.status, 400)
    t.is((answer.body as { code: string }).code, 'REQUEST_INVALID')
    t.deepEqual(logged, [])
  })
}

test('an unknown path is refused with its name', async (t) => {
  const { socket } = await serve(t)
  const { status, body } = await ask(socket, 'GET', '/v2/networks')
  t.is(status, 404)
  t.like(body, {
    code: 'ROUTE_UNKNOWN',
    message: 'there is no GET /v2/networks',
  })
})

test('healthz answers while the store is away, readyz does not', async (t) => {
  const { socket } = await serve(t, {
    status: () => ({
      ...nodeStatus,
      store: { ...nodeStatus.store, state: 'reconnecting' },
    }),
  })
  t.is((await ask(socket, 'GET', '/healthz')).status, 200)
  const ready = await ask(socket, 'GET', '/readyz')
  t.is(ready.status, 503)
  t.like(ready.body, { code: 'STORE_UNAVAILABLE' })
})

test('readyz answers when changes work', async (t) => {
  const { socket } = await serve(t)
  t.deepEqual(await ask(socket, 'GET', '/readyz'), {
    status: 200,
    body: { Status: 'ready' },
  })
})
