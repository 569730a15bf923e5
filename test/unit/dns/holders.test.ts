import test from 'ava'
import { Holders } from '../../../src/dns/holders.js'

test('a key has the values of all its holders, in the order they came', (t) => {
  const holders = new Holders<string>()
  holders.put('key', 'a', '1')
  holders.put('key', 'b', '2')
  holders.put('key', 'a', '3')
  t.deepEqual(holders.values('key'), ['3', '2'])
})

test('a key is gone with its last holder', (t) => {
  const holders = new Holders<string>()
  holders.put('key', 'a', '1')
  holders.put('key', 'b', '2')
  holders.remove('key', 'a')
  holders.remove('key', 'stranger')
  t.true(holders.has('key'))
  t.deepEqual(holders.values('key'), ['2'])
  holders.remove('key', 'b')
  t.false(holders.has('key'))
  t.deepEqual(holders.values('key'), [])
})
