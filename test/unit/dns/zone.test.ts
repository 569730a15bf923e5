import test from 'ava'
import { Zone } from '../../../src/dns/zone.js'
import { member, network } from './fixtures.js'

function zoneWith(...members: ReturnType<typeof member>[]): Zone {
  const zone = new Zone(network)
  for (const each of members) zone.put(each)
  return zone
}

for (const { name, expected } of [
  { name: 'bbox1', expected: ['10.0.0.2', 'fd00::2'] },
  { name: 'BBox1', expected: ['10.0.0.2', 'fd00::2'] },
  { name: 'bbox1.ov_net1', expected: ['10.0.0.2', 'fd00::2'] },
  { name: 'bbox1.OV_NET1', expected: ['10.0.0.2', 'fd00::2'] },
  { name: 'web', expected: ['10.0.0.2', 'fd00::2'] },
  { name: 'web.ov_net1', expected: ['10.0.0.2', 'fd00::2'] },
  { name: '_gateway', expected: ['10.0.0.1', 'fd00::1'] },
  { name: 'bbox', expected: undefined },
  { name: 'bbox1.ov_net2', expected: undefined },
  { name: '', expected: undefined },
]) {
  test(`'${name}' is ${expected?.join(' and ') ?? 'nobody'}`, (t) => {
    const addresses = ['10.0.0.2/24', 'FD00::2/64']
    const zone = zoneWith(member('bbox1', addresses, ['Web']))
    t.deepEqual(zone.addresses(name), expected)
  })
}

test('members that share a name are all answered, also after one left', (t) => {
  const one = member('one', ['10.0.0.2/24'], ['web'])
  const two = member('two', ['10.0.0.3/24'], ['web', 'two'])
  const zone = zoneWith(one, two)
  t.deepEqual(zone.addresses('web'), ['10.0.0.2', '10.0.0.3'])
  zone.remove(one.id)
  t.deepEqual(zone.addresses('web'), ['10.0.0.3'])
  zone.remove(two.id)
  t.is(zone.addresses('web'), undefined)
  t.is(zone.addresses('web.ov_net1'), undefined)
  t.deepEqual(zone.names('10.0.0.3'), [])
})

test('a changed member loses what it no longer has', (t) => {
  const before = member('bbox1', ['10.0.0.2/24'], ['old'])
  const zone = zoneWith(before)
  zone.put({ ...before, aliases: ['new'], addresses: ['10.0.0.9/24'] })
  t.is(zone.addresses('old'), undefined)
  t.deepEqual(zone.addresses('new'), ['10.0.0.9'])
  t.deepEqual(zone.names('10.0.0.2'), [])
  t.deepEqual(zone.names('10.0.0.9'), ['bbox1.ov_net1'])
})

test('an address has the first name of its member, as it was written', (t) => {
  const zone = zoneWith(member('BBox1', ['fd00::2/64'], ['web']))
  t.deepEqual(zone.names('fd00:0::2'), ['BBox1.ov_net1'])
  t.deepEqual(zone.names('10.0.0.1'), ['_gateway.ov_net1'])
})

test('a member is known by its host name and its short id, too', (t) => {
  const id = '0123456789abcdef'
  const bbox1 = member('bbox1', ['10.0.0.2/24'])
  const zone = zoneWith({ ...bbox1, id, hostname: 'Inner' })
  for (const name of ['inner', 'inner.ov_net1', '0123456789ab.ov_net1']) {
    t.deepEqual(zone.addresses(name), ['10.0.0.2'], name)
  }
  t.is(zone.addresses('0123456789abcdef'), undefined)
  t.deepEqual(zone.names('10.0.0.2'), ['bbox1.ov_net1'])
  zone.remove(id)
  t.is(zone.addresses('inner'), undefined)
  t.is(zone.addresses('0123456789ab'), undefined)
})

test('who is on a suspect host is left out while there are others', (t) => {
  const suspects = new Set<string>()
  const zone = new Zone(network, (host) => suspects.has(host))
  for (const number of [2, 3]) {
    const one = member(`web${number}`, [`10.0.0.${number}/24`], ['web'])
    zone.put({ ...one, host: `host${number}` })
  }
  suspects.add('host2')
  t.deepEqual(zone.addresses('web'), ['10.0.0.3'])
  t.deepEqual(zone.addresses('web2'), ['10.0.0.2'], 'the only one')
  suspects.add('host3')
  t.deepEqual(zone.addresses('web'), ['10.0.0.2', '10.0.0.3'])
  suspects.clear()
  t.deepEqual(zone.addresses('web'), ['10.0.0.2', '10.0.0.3'])
})

for (const name of ['a'.repeat(64), 'a..b', '.a', 'a.', 'é'.repeat(32)]) {
  test(`a name DNS cannot carry is left out: ${name.slice(0, 8)}`, (t) => {
    const zone = zoneWith(member(name, ['10.0.0.2/24'], ['good']))
    t.is(zone.addresses(name), undefined)
    t.deepEqual(zone.names('10.0.0.2'), [])
    t.deepEqual(zone.addresses('good'), ['10.0.0.2'])
  })
}

test('a zone knows what is its own', (t) => {
  const zone = new Zone(network)
  t.true(zone.contains('anything.ov_net1'))
  t.true(zone.contains('OV_net1'))
  t.false(zone.contains('xov_net1'))
  t.true(zone.covers('10.0.0.200'))
  t.true(zone.covers('fd00::200'))
  t.false(zone.covers('10.0.1.2'))
})
