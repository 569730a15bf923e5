import test from 'ava'
import { suggest } from '../../../../src/frontends/config/suggest.js'

const words = ['port', 'store', 'socket', 'log.level', 'lease.ttl']

for (const [word, meant] of [
  ['prot', 'port'],
  ['Port', 'port'],
  ['stor', 'store'],
  ['sokcet', 'socket'],
  ['logLevel', 'log.level'],
  ['log-level', 'log.level'],
  ['lease.tll', 'lease.ttl'],
  ['xyz', undefined],
  ['', undefined],
] as const) {
  test(`"${word}" stands for ${meant ?? 'nothing'}`, (t) => {
    t.is(suggest(word, words), meant)
  })
}

test('nothing is suggested out of nothing', (t) => {
  t.is(suggest('port', []), undefined)
})
