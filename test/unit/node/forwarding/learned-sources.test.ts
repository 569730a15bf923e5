import test from 'ava'
import { LearnedSources } from '../../../../src/node/forwarding/learned-sources.js'

const vtep = { address: '192.0.2.9', port: 4789 }
const other = { address: '192.0.2.10', port: 4789 }

test('a source that moves is learned anew', (t) => {
  const sources = new LearnedSources()

  t.true(sources.learn('net', 'aa:00:00:00:00:01', vtep, 0))
  t.false(sources.learn('net', 'aa:00:00:00:00:01', vtep, 1))
  t.true(sources.learn('net', 'aa:00:00:00:00:01', other, 2))

  t.deepEqual(sources.of('net').get('aa:00:00:00:00:01'), other)
})

test('a source is forgotten 300 s after it was last seen', (t) => {
  const sources = new LearnedSources()
  sources.learn('net', 'aa:00:00:00:00:01', vtep, 0)
  sources.learn('net', 'aa:00:00:00:00:02', vtep, 0)
  sources.learn('net', 'aa:00:00:00:00:02', vtep, 100_000)

  t.deepEqual(sources.expire(299_999), [])
  t.deepEqual(sources.expire(300_000), [
    { networkId: 'net', mac: 'aa:00:00:00:00:01' },
  ])

  t.deepEqual([...sources.of('net').keys()], ['aa:00:00:00:00:02'])
})

test('a peer cannot fill the memory with sources', (t) => {
  const sources = new LearnedSources()

  for (let number = 0; number < 5000; number++) {
    sources.learn('net', `source ${number}`, vtep, 0)
  }

  t.is(sources.of('net').size, 4096)
  t.true(sources.learn('another', 'source 5000', vtep, 0))
})
