import test from 'ava'
import { NetworkDirectory } from '../../../src/slowpath/directory.js'
import { directoryOf, endpoint, host } from './fixtures.js'

test('the MAC of an address is its endpoint’s or its gateway’s', (t) => {
  const directory = directoryOf('drop')
  t.is(directory.macOf('10.0.0.2'), '02:42:0a:00:00:02')
  t.is(directory.macOf('fd00::3'), '02:42:0a:00:00:03')
  t.is(directory.macOf('fe80::42:aff:fe00:3'), '02:42:0a:00:00:03')
  t.is(directory.macOf('10.0.0.1'), '02:42:0a:00:00:01')
  t.is(directory.macOf('fd00::1'), '02:42:00:00:00:01')
  t.is(directory.macOf('10.0.0.4'), undefined)
})

test('gateways are listed by address', (t) => {
  const directory = directoryOf('drop')
  t.deepEqual(
    [...directory.gateways],
    [
      ['10.0.0.1', '02:42:0a:00:00:01'],
      ['fd00::1', '02:42:00:00:00:01'],
    ],
  )
  t.true(directory.isGateway('10.0.0.1'))
  t.false(directory.isGateway('10.0.0.2'))
})

test('addresses are compared as numbers, however a record writes them', (t) => {
  const subnets = [{ subnet: 'FD00::/64', gateway: 'FD00:0::1' }]
  const directory = new NetworkDirectory({ name: 'net', subnets }, 'drop')
  directory.putEndpoint(endpoint('bbox1', 2, { addresses: ['FD00:0::2/64'] }))
  t.true(directory.isGateway('fd00::1'))
  t.is(directory.macOf('fd00::2'), host(2).mac)
})

test('of several endpoints with an address the last one has it, and gives it back', (t) => {
  const directory = directoryOf('drop')
  const shared = { addresses: ['10.0.0.9/24'] }
  const [one, two] = [endpoint('one', 10, shared), endpoint('two', 11, shared)]
  directory.putEndpoint(one)
  directory.putEndpoint(two)
  t.is(directory.macOf('10.0.0.9'), two.mac)
  t.true(directory.isHeldBy('10.0.0.9', one.mac))
  directory.putEndpoint({ ...one, aliases: ['new'] })
  t.is(directory.macOf('10.0.0.9'), two.mac, 'an alias is no reason to move')
  directory.removeEndpoint(two)
  t.is(directory.macOf('10.0.0.9'), one.mac)
  directory.removeEndpoint(one)
  directory.removeEndpoint(one)
  t.is(directory.macOf('10.0.0.9'), undefined)
})

test('a changed endpoint leaves its former address, MAC and name', (t) => {
  const directory = directoryOf('drop')
  directory.putEndpoint({ ...endpoint('bbox9', 9), id: 'id-of-bbox1' })
  t.is(directory.macOf(host(2).v4), undefined)
  t.false(directory.hasMac(host(2).mac))
  t.is(directory.zone.addresses('bbox1'), undefined)
  t.is(directory.macOf(host(9).v4), host(9).mac)
  t.true(directory.hasMac(host(9).mac))
  t.deepEqual(directory.zone.addresses('bbox9'), ['10.0.0.9', 'fd00::9'])
})

test('a removed endpoint leaves nothing', (t) => {
  const directory = directoryOf('drop')
  directory.removeEndpoint({ id: 'id-of-bbox1' })
  const { mac, v4, v6 } = host(2)
  for (const ip of [v4, v6, 'fe80::42:aff:fe00:2']) {
    t.is(directory.macOf(ip), undefined)
    t.false(directory.isHeldBy(ip, mac))
  }
  t.false(directory.hasMac(mac))
  t.is(directory.zone.addresses('bbox1'), undefined)
})
