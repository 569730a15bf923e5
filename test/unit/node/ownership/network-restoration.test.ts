import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { restoreNetwork } from '../../../../src/node/ownership/network-restoration.js'
import { PresentRecords } from '../../../../src/node/ownership/present-records.js'
import { keys, type Network } from '../../../../src/store/records.js'
import { RecordingLogger } from '../../../support/recording-logger.js'

function network(part: Partial<Network>): Network {
  return {
    id: '5'.repeat(64),
    name: 'ov_net1',
    vni: 256,
    subnets: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
    internal: false,
    options: {},
    labels: {},
    createdAt: '2026-01-02T00:00:00.000Z',
    createdBy: 'host2',
    ...part,
  }
}

const own = network({})
const elsewhere = {
  ...{ id: '9'.repeat(64), name: 'ov_net9', vni: 900 },
  subnets: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' }],
}
const earlier = '2026-01-01T00:00:00.000Z'
const later = '2026-01-03T00:00:00.000Z'

function present(settlesInMs: number, ...networks: Network[]): PresentRecords {
  const entries = networks.flatMap((one) => [
    { key: keys.network(one.id), value: one, version: 7 },
    { key: keys.networkName(one.name), value: { network: one.id }, version: 7 },
  ])
  const position = { epoch: 'e', revision: 9, stamp: 's' }
  return new PresentRecords(
    { ...position, settlesInMs, entries },
    new RecordingLogger(),
  )
}

const clashes = {
  name: { name: own.name },
  VNI: { vni: own.vni },
  subnet: { subnets: [{ subnet: '10.0.0.0/16', gateway: '10.0.0.1' }] },
}

for (const [what, part] of Object.entries(clashes)) {
  test(`while the store settles the later of two with one ${what} stays`, (t) => {
    const other = network({ ...elsewhere, ...part, createdAt: earlier })
    const verdict = restoreNetwork(own, present(1000, other))
    t.like(verdict, { replaced: [other] })
    const guards =
      verdict !== null && 'writes' in verdict ? verdict.writes.guards : []
    const wanted = { key: keys.network(other.id), version: 7 }
    t.true(guards.some((guard) => isDeepStrictEqual(guard, wanted)))
  })
}

test('a name or a VNI that a later network has is lost', (t) => {
  for (const part of [clashes.name, clashes.VNI]) {
    const other = network({ ...elsewhere, ...part, createdAt: later })
    t.like(restoreNetwork(own, present(1000, other)), {
      rival: { holder: `network ${'9'.repeat(12)}` },
    })
  }
})

test('at other times who has a name keeps it', (t) => {
  const other = network({ ...elsewhere, ...clashes.name, createdAt: earlier })
  t.like(restoreNetwork(own, present(0, other)), {
    rival: { what: 'the name ov_net1' },
  })
})

test('one that is there stays as it is', (t) => {
  t.is(restoreNetwork(own, present(1000, own, network(elsewhere))), null)
})
