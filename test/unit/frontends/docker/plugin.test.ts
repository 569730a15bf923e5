import { createConnection } from 'node:net'
import { once } from 'node:events'
import test from 'ava'
import { errors, type OvertapError } from '../../../../src/base/errors.js'
import { PluginServer } from '../../../../src/frontends/docker/plugin/server.js'
import { fakeDriver } from '../sample.js'
import { call, plug } from './plugged.js'

const networkId = '7f3c'.repeat(16)
const endpointId = 'e1d2'.repeat(16)

test('it says what it is, whatever is sent and while the daemon starts', async (t) => {
  const { socket } = await plug(t, fakeDriver(), { admit: false })
  const activated = await call(socket, 'Plugin.Activate')
  t.deepEqual(activated, {
    status: 200,
    body: { Implements: ['NetworkDriver', 'IpamDriver'] },
  })
  const chunked = await call(socket, 'Plugin.Activate', '', { chunked: true })
  t.deepEqual(chunked, activated)
  const { body } = await call(socket, 'NetworkDriver.GetCapabilities', '{}')
  t.like(body, { Scope: 'local', ConnectivityScope: 'global' })
  t.deepEqual((await call(socket, 'IpamDriver.GetCapabilities')).body, {
    RequiresMACAddress: false,
    RequiresRequestReplay: false,
  })
  t.like((await call(socket, 'IpamDriver.GetDefaultAddressSpaces')).body, {
    LocalDefaultAddressSpace: 'overtap',
  })
})

test('what Docker sends is told to the driver', async (t) => {
  const told: unknown[] = []
  const note = (one: unknown) => {
    told.push(one)
    return Promise.resolve()
  }
  const { socket } = await plug(
    t,
    fakeDriver({
      requestPool: async (one) => {
        await note(one)
        return { id: 'p/10.5.0.0/24', subnet: '10.5.0.0/24' }
      },
      createNetwork: note,
      createEndpoint: async (one) => {
        await note(one)
        return { mac: '02:42:0a:05:00:07' }
      },
      join: async (one) => {
        await note(one)
        return { name: 'ovte1d2e1d2e1d' }
      },
    }),
  )
  const pool = await call(socket, 'IpamDriver.RequestPool', {
    AddressSpace: 'overtap',
    Pool: '10.5.0.0/24',
    SubPool: '10.5.0.128/25',
    Options: { 'overtap.gid': 'ov_net1' },
    V6: false,
  })
  t.deepEqual(pool.body, {
    PoolID: 'p/10.5.0.0/24',
    Pool: '10.5.0.0/24',
    Data: {},
  })
  const created = await call(socket, 'NetworkDriver.CreateNetwork', {
    NetworkID: networkId,
    Options: {
      'com.docker.network.enable_ipv6': false,
      'com.docker.network.internal': true,
      'com.docker.network.generic': { 'overtap.gid': 'ov_net1', color: 'blue' },
    },
    IPv4Data: [
      {
        AddressSpace: 'overtap',
        Pool: '10.5.0.0/24',
        Gateway: '10.5.0.1/24',
        AuxAddresses: { printer: '10.5.0.9/24' },
      },
    ],
    IPv6Data: null,
  })
  t.deepEqual(created, { status: 200, body: {} })
  const endpoint = {
    NetworkID: networkId,
    EndpointID: endpointId,
    Interface: { Address: '10.5.0.7/24', AddressIPv6: '', MacAddress: '' },
    Options: { 'com.docker.network.portmap': null },
  }
  t.deepEqual(
    (await call(socket, 'NetworkDriver.CreateEndpoint', endpoint)).body,
    { Interface: { MacAddress: '02:42:0a:05:00:07' } },
  )
  const chosen = { ...endpoint.Interface, MacAddress: '02:00:00:00:00:01' }
  t.deepEqual(
    (
      await call(socket, 'NetworkDriver.CreateEndpoint', {
        ...endpoint,
        Interface: chosen,
      })
    ).body,
    { Interface: {} },
  )
  t.deepEqual(
    (
      await call(socket, 'NetworkDriver.Join', {
        NetworkID: networkId,
        EndpointID: endpointId,
        SandboxKey: '/var/run/docker/netns/0123456789ab',
        Options: null,
      })
    ).body,
    { InterfaceName: { SrcName: 'ovte1d2e1d2e1d', DstPrefix: 'eth' } },
  )
  t.deepEqual(told, [
    {
      subnet: '10.5.0.0/24',
      range: '10.5.0.128/25',
      network: 'ov_net1',
      v6: false,
    },
    {
      dockerId: networkId,
      network: 'ov_net1',
      internal: true,
      options: { color: 'blue' },
      pools: [
        {
          subnet: '10.5.0.0/24',
          gateway: '10.5.0.1',
          auxAddresses: { printer: '10.5.0.9' },
        },
      ],
    },
    {
      networkDockerId: networkId,
      endpointId,
      addresses: ['10.5.0.7/24'],
    },
    {
      networkDockerId: networkId,
      endpointId,
      addresses: ['10.5.0.7/24'],
      mac: '02:00:00:00:00:01',
    },
    {
      networkDockerId: networkId,
      endpointId,
      sandbox: '/var/run/docker/netns/0123456789ab',
    },
  ])
})

test('what nothing is to be done for succeeds', async (t) => {
  const { socket } = await plug(t)
  const ids = { NetworkID: networkId, EndpointID: endpointId }
  for (const method of [
    'NetworkDriver.ProgramExternalConnectivity',
    'NetworkDriver.RevokeExternalConnectivity',
    'NetworkDriver.DiscoverNew',
    'NetworkDriver.DiscoverDelete',
    'NetworkDriver.AllocateNetwork',
    'NetworkDriver.FreeNetwork',
    'NetworkDriver.Leave',
    'NetworkDriver.DeleteEndpoint',
    'NetworkDriver.DeleteNetwork',
  ]) {
    t.deepEqual(await call(socket, method, ids), { status: 200, body: {} })
  }
  t.deepEqual(
    (await call(socket, 'NetworkDriver.EndpointOperInfo', ids)).body,
    {
      Value: { 'overtap.network': 'ov_net1' },
    },
  )
})

test('a refusal says what and what to do, to either kind of driver', async (t) => {
  const { socket } = await plug(
    t,
    fakeDriver({
      requestAddress: () => Promise.reject(errors.ADDRESS_IN_USE('10.0.0.2')),
    }),
  )
  const { status, body } = await call(socket, 'IpamDriver.RequestAddress', {
    PoolID: 'p/10.0.0.0/24',
    Address: '10.0.0.2',
    Options: null,
  })
  const text =
    'Address already in use: 10.0.0.2 (choose another --ip, or leave it out)'
  t.is(status, 200)
  t.deepEqual(body, { Err: text, Error: text })
})

test('what is no request is refused, and the next one is served', async (t) => {
  const { socket, logger } = await plug(t)
  const deep = '['.repeat(50_000)
  for (const body of ['{', 'null', '[]', '"x"', '7', deep, '\u0000', '{}']) {
    const answer = await call(socket, 'NetworkDriver.Join', body)
    t.is(answer.status, 200)
    t.like(answer.body, { Err: (answer.body as { Error: string }).Error })
    t.regex((answer.body as { Err: string }).Err, /^NetworkDriver\.Join: /)
  }
  for (const odd of [
    { NetworkID: '../../etc', EndpointID: endpointId, SandboxKey: '/x' },
    { NetworkID: networkId, EndpointID: 7, SandboxKey: '/x' },
    { NetworkID: networkId, EndpointID: endpointId, SandboxKey: '' },
  ]) {
    const { body } = await call(socket, 'NetworkDriver.Join', odd)
    t.regex((body as { Err: string }).Err, /^NetworkDriver\.Join: /)
  }
  const large = await call(socket, 'NetworkDriver.Join', 'x'.repeat(2 ** 21))
  t.regex((large.body as { Err: string }).Err, /body/)
  t.deepEqual(logger.messages('error'), [])
  const typed = { headers: { 'content-type': 'text/x-nothing; q="' } }
  t.is((await call(socket, 'Plugin.Activate', '{}', typed)).status, 200)
})

test('a method that there is not is 404', async (t) => {
  const { socket } = await plug(t)
  for (const name of ['NetworkDriver.GwAllocCheck', 'constructor', '']) {
    const { status, body } = await call(socket, name, '{}')
    t.is(status, 404)
    t.regex((body as { Err: string }).Err, /^the driver has no /)
  }
})

test('bytes that are no HTTP, or half of it, hold nobody up', async (t) => {
  const { socket } = await plug(t)
  const half = createConnection(socket)
  half.write('POST /NetworkDriver.Join HTTP/1.1\r\nHost: x\r\nContent-Len')
  const noise = createConnection(socket)
  noise.on('error', () => undefined)
  noise.write(Buffer.from([0x16, 3, 1, 0, 0xff, 0, 0, 10]))
  noise.resume()
  await once(noise, 'close')
  t.is((await call(socket, 'Plugin.Activate')).status, 200)
  half.destroy()
})

test('calls wait for the daemon to be ready, but not for ever', async (t) => {
  const { server, socket } = await plug(t, fakeDriver(), {
    admit: false,
    patienceMs: 200,
  })
  const pool = { AddressSpace: 'overtap', Pool: '', Options: null }
  const { body } = await call(socket, 'IpamDriver.RequestPool', pool)
  t.regex((body as { Err: string }).Err, /^overtapd is starting/)

  const early = call(socket, 'IpamDriver.RequestPool', pool)
  server.admit()
  t.like((await early).body, { Pool: '10.0.0.0/24' })

  await server.dismiss()
  const late = await call(socket, 'IpamDriver.RequestPool', pool)
  t.regex((late.body as { Err: string }).Err, /stopping/)
})

test('a socket that another daemon has is refused with its own flag', async (t) => {
  const { socket, logger } = await plug(t)
  const node = { driver: fakeDriver() }
  const second = new PluginServer({ node, socket, log: logger })
  const error = await t.throwsAsync<OvertapError>(second.start())
  t.is(error.code, 'SOCKET_IN_USE')
  t.regex(error.remedy, /--docker-plugin-socket PATH/)
  t.is((await call(socket, 'Plugin.Activate')).status, 200)
})

test('a bug is told by a number, and logged', async (t) => {
  const { socket, logger } = await plug(
    t,
    fakeDriver({ leave: () => Promise.reject(new TypeError('oops')) }),
  )
  const ids = { NetworkID: networkId, EndpointID: endpointId }
  const { body } = await call(socket, 'NetworkDriver.Leave', ids)
  t.regex((body as { Err: string }).Err, /went wrong inside overtapd/)
  t.is(logger.messages('error').length, 1)
})
