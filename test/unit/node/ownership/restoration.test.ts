import test from 'ava'
import { PresentRecords } from '../../../../src/node/ownership/present-records.js'
import { restoreEndpoint } from '../../../../src/node/ownership/restoration.js'
import type { Endpoint } from '../../../../src/store/records.js'
import type { Json } from '../../../../src/store/store.js'
import { RecordingLogger } from '../../../support/recording-logger.js'

const network = 'a'.repeat(64)
const claim = `address/${network}/10.0.0.2`

function endpoint(part: Partial<Endpoint>): Endpoint {
  return {
    id: '5'.repeat(64),
    network,
    host: 'host2',
    name: 'bbox1',
    aliases: [],
    mac: '02:42:0a:00:00:02',
    addresses: ['10.0.0.2/24'],
    target: 'bbox1',
    netns: '/run/netns/bbox1',
    interface: 'eth0',
    publish: [],
    createdAt: '2026-01-02T00:00:00.000Z',
    ...part,
  }
}

const own = endpoint({})

/** The store with a rival that has the address. */
function present(settlesInMs: number, rival?: Endpoint): PresentRecords {
  const records: Record<string, Json> = {
    [claim]: { host: 'host3', endpoint: rival?.id ?? 'f'.repeat(64) },
    ...(rival && { [`endpoint/${network}/${rival.id}`]: rival }),
  }
  const entries = Object.entries(records).map(([key, value]) => ({
    ...{ key, value },
    version: 7,
  }))
  const position = { epoch: 'e', revision: 9, stamp: 's' }
  return new PresentRecords(
    { ...position, settlesInMs, entries },
    new RecordingLogger(),
  )
}

const older = endpoint({
  ...{ id: '9'.repeat(64), host: 'host3', name: 'rival' },
  createdAt: '2026-01-01T00:00:00.000Z',
})
const younger = { ...older, createdAt: '2026-01-03T00:00:00.000Z' }
const lost = { rival: { what: '10.0.0.2', holder: 'rival on host3' } }

test('who has an address keeps it, be it older or younger', (t) => {
  t.deepEqual(restoreEndpoint(own, present(0, older)), lost)
  t.deepEqual(restoreEndpoint(own, present(0, younger)), lost)
})

test('while the store settles the one that was connected later has it', (t) => {
  t.deepEqual(restoreEndpoint(own, present(1000, younger)), lost)
  const verdict = restoreEndpoint(own, present(1000, older))
  t.like(verdict, {
    commit: {
      guards: [
        { key: `network/${network}`, version: null },
        { key: claim, version: 7 },
        { key: `endpoint/${network}/${older.id}`, version: 7 },
        { key: `endpoint/${network}/${own.id}`, version: null },
      ],
      deletes: [`endpoint/${network}/${older.id}`],
    },
    claims: [claim],
  })
})

test('of two equally old ones it is the one with the smaller id', (t) => {
  const twin = { ...older, createdAt: own.createdAt }
  const smaller = { ...twin, id: '1'.repeat(64) }
  t.true('commit' in restoreEndpoint(own, present(1000, twin)))
  t.true('rival' in restoreEndpoint(own, present(1000, smaller)))
})

test('a claim without an endpoint gives way', (t) => {
  t.true('commit' in restoreEndpoint(own, present(0)))
})
