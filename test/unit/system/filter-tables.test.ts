import test from 'ava'
import {
  filterTable,
  forwardTables,
} from '../../../src/system/filter-tables.js'

/** nft 1.0.6. */
const metainfo = { metainfo: { version: '1.0.6', json_schema_version: 1 } }

const base = (family: string, table: string, hook?: string) => ({
  chain: { family, table, name: `${table}_${hook}`, ...(hook && { hook }) },
})

test('tables with a chain at forward, each once', (t) => {
  const json = JSON.stringify({
    nftables: [
      metainfo,
      base('ip', 'filter', 'input'),
      base('ip', 'filter', 'forward'),
      base('ip', 'filter'),
      base('ip', 'nat', 'prerouting'),
      base('inet', 'firewalld', 'forward'),
      base('inet', 'firewalld', 'forward'),
      base('bridge', 'filter', 'forward'),
      base('arp', 'filter', 'forward'),
    ],
  })
  t.deepEqual(forwardTables(json), [
    { family: 'ip', name: 'filter' },
    { family: 'inet', name: 'firewalld' },
  ])
})

test('chains with their rules', (t) => {
  const at = { family: 'ip', table: 'filter' }
  const expr = [{ counter: { packets: 0, bytes: 0 } }, { accept: null }]
  const json = JSON.stringify({
    nftables: [
      metainfo,
      { table: { family: 'ip', name: 'filter', handle: 3 } },
      { chain: { ...at, name: 'FORWARD', hook: 'forward', policy: 'drop' } },
      { chain: { ...at, name: 'INPUT', hook: 'input', policy: 'drop' } },
      { chain: { ...at, name: 'DOCKER-USER' } },
      { rule: { ...at, chain: 'DOCKER-USER', handle: 5, expr } },
      { set: { ...at, name: 'docker-ext', type: 'ipv4_addr' } },
    ],
  })
  t.deepEqual(filterTable({ family: 'ip', name: 'filter' }, json), {
    family: 'ip',
    name: 'filter',
    chains: [
      { name: 'FORWARD', policy: 'drop', rules: [] },
      { name: 'INPUT', rules: [] },
      { name: 'DOCKER-USER', rules: [expr] },
    ],
  })
})
