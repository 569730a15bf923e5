import test from 'ava'
import type { LookupRequest } from '../../../../src/node/use-cases.js'
import { fakeNode, lookupView, nameView } from '../sample.js'
import { serve } from './served.js'

test('names are listed, added and removed', async (t) => {
  const asked: unknown[] = []
  const { dns } = fakeNode()
  const { client } = await serve(t, {
    dns: {
      ...dns,
      list: (network) => {
        asked.push(['list', network])
        return Promise.resolve([nameView])
      },
      add: (...args) => {
        asked.push(['add', ...args])
        return Promise.resolve(nameView)
      },
      remove: (...args) => {
        asked.push(['remove', ...args])
        return Promise.resolve(args[2].length === 0 ? null : nameView)
      },
    },
  })
  const addresses = ['192.0.2.7', '2001:db8::7']
  t.like((await client.names('ov_net1'))[0], {
    ...{ Name: 'db', Network: 'ov_net1', Kind: 'record', Host: '' },
    Addresses: addresses,
  })
  const body = { Name: 'db', Addresses: addresses }
  t.is((await client.addName('ov net', body)).Name, 'db')
  t.is((await client.removeName('ov_net1', body))?.Name, 'db')
  t.is(await client.removeName('ov_net1', { Name: 'db' }), null)
  t.deepEqual(asked, [
    ['list', 'ov_net1'],
    ['add', 'ov net', 'db', addresses],
    ['remove', 'ov_net1', 'db', addresses],
    ['remove', 'ov_net1', 'db', []],
  ])
})

test('a name without an address is refused', async (t) => {
  const { client } = await serve(t)
  await t.throwsAsync(
    client.addName('ov_net1', { Name: 'db', Addresses: [] }),
    {
      code: 'REQUEST_INVALID',
    },
  )
})

test('a lookup passes on what was said and nothing else', async (t) => {
  const asked: LookupRequest[] = []
  const { dns } = fakeNode()
  const { client } = await serve(t, {
    dns: {
      ...dns,
      lookup: (request) => {
        asked.push(request)
        return Promise.resolve([lookupView])
      },
    },
  })
  const [found] = await client.lookup({ name: 'a&b', from: 'bbox1' })
  t.deepEqual(asked, [{ name: 'a&b', from: 'bbox1' }])
  t.like(found, { Type: 'A', Status: 'NOERROR', Reason: 'ov_net1 has it' })
  t.deepEqual(found?.Answers, [
    { Name: 'web', Type: 'A', TTL: 5, Data: '10.0.0.2' },
  ])
  t.like(found?.Holders[1], { LeftOut: true, Host: 'host3' })
  t.deepEqual(await client.flushDns(), { Flushed: 3 })
})
