import test from 'ava'
import {
  listTarget,
  inspectTarget,
  networkCall,
} from '../../../../src/frontends/docker/compat/networks.js'
import type { Endpoint } from '../../../../src/store/records.js'
import { CompatWorld } from '../../../support/compat.js'

/** What Docker is asked to create when a client asks for `body`. */
async function created(
  t: Parameters<typeof CompatWorld.withHttp>[0],
  body: string,
): Promise<string> {
  const world = await CompatWorld.withHttp(t, (request, response) => {
    response.writeHead(201, { 'content-type': 'application/json' })
    request.pipe(response)
  })
  const path = '/v1.41/networks/create'
  const { status, content, headers } = await world.ask('POST', path, body)
  t.is(status, 201)
  t.is(headers['content-type'], 'application/json')
  return content
}

/** Docker that has these networks. */
function having(
  t: Parameters<typeof CompatWorld.withHttp>[0],
  answer: unknown,
  asked: string[] = [],
): Promise<CompatWorld> {
  return CompatWorld.withHttp(t, (request, response) => {
    asked.push(request.url ?? '')
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
}

const ours = { Id: 'a', Name: 'ov_net1', Driver: 'overtap', Scope: 'local' }
const bridge = { Id: 'b', Name: 'bridge', Driver: 'bridge', Scope: 'local' }

test('the calls that differ, with and without a version', (t) => {
  for (const version of ['', '/v1.41', '/v1.24']) {
    t.is(networkCall('POST', `${version}/networks/create`), 'create')
    t.is(networkCall('GET', `${version}/networks`), 'list')
    t.is(networkCall('GET', `${version}/networks?filters=x`), 'list')
    t.is(networkCall('GET', `${version}/networks/`), 'list')
    t.is(networkCall('GET', `${version}/networks/ov_net1?verbose=1`), 'inspect')
    t.is(networkCall('GET', `${version}/networks/create`), 'inspect')
    for (const other of [
      ['DELETE', '/networks/ov_net1'],
      ['POST', '/networks/ov_net1/connect'],
      ['POST', '/networks/prune'],
      ['GET', '/containers/networks/json'],
      ['GET', '/networksx'],
    ] as const) {
      t.is(networkCall(other[0], version + other[1]), undefined)
    }
  }
})

test('an overlay network is created as one of ours', async (t) => {
  const asked = {
    ...{ Name: 'ov_net1', CheckDuplicate: true, Driver: 'overlay', Scope: '' },
    ...{ Attachable: false, Ingress: false, ConfigOnly: false },
    ConfigFrom: null,
    IPAM: {
      ...{ Driver: 'default', Options: {} },
      Config: [{ Subnet: '10.22.1.0/24' }],
    },
    ...{ Options: { 'overtap.gid': 'x' }, Labels: { team: 'net' }, Later: [1] },
  }
  t.deepEqual(JSON.parse(await created(t, JSON.stringify(asked))), {
    ...asked,
    Driver: 'overtap',
    IPAM: { ...asked.IPAM, Driver: 'overtap' },
  })
})

test('one of ours gets our addresses when none are asked for', async (t) => {
  const bodies = ['null', '{}', '{"Driver":""}', '{"Driver":"default"}']
  for (const ipam of bodies) {
    const body = `{"Name":"n","Driver":"overtap","IPAM":${ipam}}`
    t.like(JSON.parse(await created(t, body)), {
      ...{ Driver: 'overtap', IPAM: { Driver: 'overtap' } },
    })
  }
})

test('all else is created as it was asked for', async (t) => {
  for (const body of [
    '{ "Name": "n", "Driver": "bridge" }',
    '{ "Name": "n" }',
    '{ "Name": "n", "Driver": "overlay", "Scope": "swarm" }',
    '{ "Name": "n", "Driver": "overlay", "Ingress": true }',
    '{ "Name": "n", "Driver": "overlay", "ConfigOnly": true }',
    '{ "Name": "n", "Driver": 5 }',
    '[ "overlay" ]',
    '{ "Driver": "overlay" ',
    '\xff',
    '',
  ]) {
    t.is(await created(t, body), body)
  }
})

test('addresses of another driver stay', async (t) => {
  const body = '{"Name":"n","Driver":"overlay","IPAM":{"Driver":"null"}}'
  t.like(JSON.parse(await created(t, body)), {
    ...{ Driver: 'overtap', IPAM: { Driver: 'null' } },
  })
})

test('a body that is too long is refused', async (t) => {
  const world = await CompatWorld.withoutDocker(t)
  const body = JSON.stringify({ Driver: 'overlay', Name: 'x'.repeat(2 ** 20) })
  const { status } = await world.ask('POST', '/networks/create', body)
  t.is(status, 413)
})

test('ours are listed as overlay networks, others as they are', async (t) => {
  const more = { Created: 'x', Labels: {} }
  const world = await having(t, [
    { ...ours, ...more },
    { ...bridge, ...more },
  ])
  const { content } = await world.ask('GET', '/v1.41/networks')
  t.deepEqual(JSON.parse(content), [
    { ...ours, ...more, Driver: 'overlay', Scope: 'global' },
    { ...bridge, ...more },
  ])
})

test('filters of driver and scope mean what is shown', async (t) => {
  const asked: string[] = []
  const world = await having(t, [ours, bridge], asked)
  const named = async (filters: object) => {
    const query = new URLSearchParams({ filters: JSON.stringify(filters) })
    const { content } = await world.ask('GET', `/networks?${query.toString()}`)
    return (JSON.parse(content) as { Name: string }[]).map(({ Name }) => Name)
  }
  t.deepEqual(await named({ scope: { global: true } }), ['ov_net1'])
  t.deepEqual(await named({ scope: ['local'] }), ['bridge'])
  t.deepEqual(await named({ scope: ['local', 'global'] }), [
    ...['ov_net1', 'bridge'],
  ])
  t.true(asked.every((target) => !target.includes('scope')))
})

test('a filter for overlay finds ours, too; what is no filter stays', (t) => {
  const sent = (filters: string) => {
    const query = new URLSearchParams({ filters }).toString()
    const { target } = listTarget(`/networks?${query}`, 'overtap')
    return new URLSearchParams(target.split('?')[1]).get('filters')
  }
  const wanted = '{"driver":{"overlay":true,"overtap":true},"name":{"n":true}}'
  t.is(sent('{"driver":{"overlay":true},"name":{"n":true}}'), wanted)
  t.is(sent('{"driver":["overlay"],"name":["n"]}'), wanted)
  for (const strange of ['{', '[]', '{"driver":5}']) {
    t.is(sent(strange), strange)
  }
  t.is(listTarget('/v1.41/networks', 'overtap').target, '/v1.41/networks')
  t.is(inspectTarget('/networks/n?scope=global'), '/networks/n?scope=local')
  t.is(inspectTarget('/networks/n?scope=swarm'), '/networks/n?scope=swarm')
})

const endpoint = (id: string, name: string, addresses: string[]) =>
  ({ id, name, addresses, mac: '02:42:0a:00:00:03' }) as unknown as Endpoint

const row = { Name: 'bbox1', EndpointID: 'e1', MacAddress: 'x', Extra: 1 }

test('a network has the containers of other hosts', async (t) => {
  const world = await having(t, { ...ours, Containers: { c1: row } })
  world.known.push({
    dockerId: 'a',
    endpoints: [
      endpoint('e1', 'bbox1', ['10.0.0.2/24']),
      endpoint('e2', 'bbox2', ['10.0.0.3/24', 'fd00::3/64']),
    ],
  })
  const { content } = await world.ask('GET', '/v1.41/networks/ov_net1')
  t.deepEqual(JSON.parse(content), {
    ...ours,
    ...{ Driver: 'overlay', Scope: 'global' },
    Containers: {
      c1: row,
      'ep-e2': {
        ...{ Name: 'bbox2', EndpointID: 'e2' },
        MacAddress: '02:42:0a:00:00:03',
        ...{ IPv4Address: '10.0.0.3/24', IPv6Address: 'fd00::3/64' },
      },
    },
  })
})

test('while the store is away, it has those of this host', async (t) => {
  const world = await having(t, { ...ours, Containers: { c1: row } })
  world.known.push({ dockerId: 'a', endpoints: 'store away' })
  const { status, content } = await world.ask('GET', '/networks/ov_net1')
  t.is(status, 200)
  t.deepEqual(JSON.parse(content), {
    ...{ ...ours, Driver: 'overlay', Scope: 'global' },
    Containers: { c1: row },
  })
})

test('what is not understood is passed on as it is', async (t) => {
  const answers = ['{"Id":"a"', '[]', '{ "Driver": "overtap" }', '\xff', '']
  for (const answer of [...answers, JSON.stringify(bridge)]) {
    const world = await having(t, answer)
    t.is((await world.ask('GET', '/networks/x')).content, answer)
  }
  for (const answer of ['{"Id":"a"', '[{ "Id": 5 }]', '{}']) {
    const world = await having(t, answer)
    t.is((await world.ask('GET', '/networks')).content, answer)
  }
})

test("Docker's refusals are its own", async (t) => {
  const said = '{"message":"network x not found"}'
  const world = await CompatWorld.withHttp(t, (request, response) => {
    request.resume()
    response.writeHead(404, { 'x-docker': '1' }).end(said)
  })
  const ask = [
    world.ask('GET', '/networks/x'),
    world.ask('POST', '/networks/create', '{"Driver":"overlay"}'),
    world.ask('DELETE', '/networks/x'),
  ]
  for (const { status, content, headers } of await Promise.all(ask)) {
    t.is(status, 404)
    t.is(content, said)
    t.is(headers['x-docker'], '1')
  }
})

test('a body that comes late and in pieces is read to its end', async (t) => {
  const world = await CompatWorld.withHttp(t, (request, response) => {
    request.pipe(response.writeHead(201))
  })
  const body = `{"Driver":"overlay","Name":"${'n'.repeat(300_000)}"}`
  const client = world.connect(t)
  client.write(
    `POST /networks/create HTTP/1.1\r\nHost: docker\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 150_000)}`,
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  client.write(body.slice(150_000))
  const parts: Buffer[] = []
  for await (const part of client as AsyncIterable<Buffer>) parts.push(part)
  t.true(Buffer.concat(parts).includes('"Driver":"overtap"'))
})
