import test from 'ava'
import { advertisedAddress } from '../../../src/node/advertise.js'
import { FakeSystem } from '../../support/fake-system.js'

function host(...addresses: (readonly [device: string, address: string])[]) {
  const system = new FakeSystem('unused')
  system.hostAddresses = addresses.map(([device, address]) => ({
    device,
    address,
    mtu: 1500,
  }))
  return system
}

const two = [
  ['eth0', '192.0.2.2'],
  ['eth1', '192.168.56.2'],
  ['eth1', 'fd56::2'],
] as const

test('an address of this host is taken as it is', async (t) => {
  const { routes } = host(...two)

  t.is(await advertisedAddress({ advertise: 'FD56:0::2' }, routes), 'fd56::2')
})

test('an interface stands for its first address', async (t) => {
  const { routes } = host(...two)

  t.is(await advertisedAddress({ advertise: 'eth1' }, routes), '192.168.56.2')
})

test('what this host does not have is refused with what it has', async (t) => {
  const { routes } = host(...two)

  await t.throwsAsync(
    advertisedAddress({ advertise: '192.168.56.9' }, routes),
    {
      code: 'ADVERTISE_INVALID',
      message:
        'cannot advertise 192.168.56.9: no interface has this address; this host has 192.0.2.2 (eth0), 192.168.56.2 (eth1), fd56::2 (eth1)',
    },
  )
  await t.throwsAsync(advertisedAddress({ advertise: 'eth7' }, routes), {
    message: /^cannot advertise eth7: no interface of this name/,
  })
})

test('by default it is where the route to the store leaves', async (t) => {
  const system = host(...two)
  const to = '192.168.56.129'
  system.hostRoutes = [
    { to, device: 'eth1', source: '192.168.56.2', mtu: 1500 },
  ]
  system.hostDefaultDevice = 'eth0'

  for (const store of [`redis://:secret@${to}:6379/1`, `redis://${to}`]) {
    t.is(await advertisedAddress({ store }, system.routes), '192.168.56.2')
  }
})

test('with the store on this host it is where the default route leaves', async (t) => {
  const system = host(...two)
  system.hostRoutes = [
    { to: '127.0.0.1', device: 'lo', source: '127.0.0.1', mtu: 65536 },
  ]
  system.hostDefaultDevice = 'eth1'

  for (const store of ['redis://127.0.0.1', undefined]) {
    const config = store === undefined ? {} : { store }
    t.is(await advertisedAddress(config, system.routes), '192.168.56.2')
  }
})

test('the only address needs no route', async (t) => {
  t.is(
    await advertisedAddress({}, host(['eth0', '192.0.2.2']).routes),
    '192.0.2.2',
  )
})

test('with several and no hint the user is asked', async (t) => {
  await t.throwsAsync(advertisedAddress({}, host(...two).routes), {
    code: 'ADVERTISE_UNKNOWN',
    message: /192\.0\.2\.2 \(eth0\), 192\.168\.56\.2 \(eth1\)/,
  })
  await t.throwsAsync(advertisedAddress({}, host().routes), {
    message: /it has none$/,
  })
})
