import test from 'ava'
import { Directories } from '../../../src/node/directories.js'
import type {
  RecordChange,
  Versioned,
} from '../../../src/store/cluster-view.js'
import type { Endpoint } from '../../../src/store/records.js'
import { endpointView, networkId, networkView } from '../frontends/sample.js'

const { network } = networkView
const older = record('a', '02:00:00:00:00:0a', 5)
const newer = record('b', '02:00:00:00:00:0b', 6)

function record(id: string, mac: string, version: number): Versioned<Endpoint> {
  return { value: { ...endpointView.endpoint, id, mac }, version }
}

function came({ value }: Versioned<Endpoint>): RecordChange {
  const id = `${networkId}/${value.id}`
  return { kind: 'endpoint', id, before: undefined, after: value }
}

/** Directories over these records. */
function over(records: Map<string, Versioned<Endpoint>>): Directories {
  return new Directories({
    dnsRecords: () => new Map(),
    endpoints: () => records,
  })
}

for (const records of [
  [older, newer],
  [newer, older],
]) {
  const order = records.map(({ version }) => version).join(', ')

  test(`the newest has an address, read in the order ${order}`, (t) => {
    const directories = over(new Map(records.map((one) => [one.value.id, one])))
    t.is(directories.of(network).macOf('10.0.0.2'), newer.value.mac)
  })

  test(`the newest has an address, told in the order ${order}`, (t) => {
    const known = new Map<string, Versioned<Endpoint>>()
    const directories = over(known)
    const directory = directories.of(network)
    for (const one of records) known.set(one.value.id, one)
    t.deepEqual(directories.apply(records.map(came)), [])
    t.is(directory.macOf('10.0.0.2'), newer.value.mac)
  })
}

test('a network that gets another name answers to that', (t) => {
  const directories = over(new Map([['a', older]]))
  t.is(directories.of(network).zone.network, 'ov_net1')
  const after = { ...network, name: 'ov_net9' }
  const change = { kind: 'network', id: networkId, before: network, after }
  directories.apply([change as RecordChange])
  t.is(directories.of(after).zone.network, 'ov_net9')
  t.is(directories.of(after).macOf('10.0.0.2'), older.value.mac)
})
