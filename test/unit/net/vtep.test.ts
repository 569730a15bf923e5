import test from 'ava'
import { parseVtep, vtepText } from '../../../src/net/vtep.js'

test('VTEPs are read with and without a port, of both families', (t) => {
  t.deepEqual(parseVtep('192.0.2.1', 4789), {
    address: '192.0.2.1',
    port: 4789,
  })
  t.deepEqual(parseVtep('192.0.2.1:8472', 4789)?.port, 8472)
  t.deepEqual(parseVtep('fd00:0::1', 4789), { address: 'fd00::1', port: 4789 })
  t.deepEqual(parseVtep('[fd00::1]:8472', 4789)?.port, 8472)
})

test('other text is none', (t) => {
  for (const text of ['', 'host', '192.0.2.1:0', '192.0.2.1:70000', '[x]:1']) {
    t.is(parseVtep(text, 4789), null, text)
  }
})

test('what is written can be read', (t) => {
  for (const text of ['192.0.2.1:4789', '[fd00::1]:8472']) {
    const vtep = parseVtep(text, 1)
    t.is(vtep && vtepText(vtep), text)
  }
})
