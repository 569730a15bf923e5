import test from 'ava'
import { EventLog } from '../../../../src/node/events/event-log.js'
import { ChangeEvents } from '../../../../src/node/events/from-changes.js'
import type { RecordChange } from '../../../../src/store/cluster-view.js'
import { hostSchema } from '../../../../src/store/records.js'
import { FakeClock } from '../../../support/fake-clock.js'
import {
  endpointView,
  hostView,
  networkId,
  networkView,
} from '../../frontends/sample.js'

const { network } = networkView
const { endpoint } = endpointView
const host = hostSchema.parse(hostView)

const came: readonly RecordChange[] = [
  { kind: 'host', id: 'host2', before: undefined, after: host },
  { kind: 'network', id: networkId, before: undefined, after: network },
  {
    kind: 'endpoint',
    id: `${networkId}/${endpoint.id}`,
    before: undefined,
    after: endpoint,
  },
]

const went = came
  .map(({ before, after, ...rest }) => ({
    ...rest,
    before: after,
    after: before,
  }))
  .reverse() as RecordChange[]

/** What is told about changes to a daemon that runs. */
function told(changes: readonly RecordChange[], knowsNetwork = true) {
  const events = new EventLog(new FakeClock())
  const networks = new Map(
    knowsNetwork ? [[networkId, { value: network, version: 1 }]] : [],
  )
  const news = new ChangeEvents(events, { networks })
  news.apply([])
  news.apply(changes)
  return events.latest(100)
}

test('what comes is told with its names', (t) => {
  t.deepEqual(
    told(came).map(({ kind, message }) => [kind, message]),
    [
      ['host-up', 'host2 is in the cluster, at 192.168.56.130:4789'],
      [
        'network-created',
        'network ov_net1 created (VNI 256, 10.0.0.0/24, fd00::/64)',
      ],
      [
        'endpoint-connected',
        'bbox1 (10.0.0.2, fd00::2) connected to ov_net1 on host2',
      ],
    ],
  )
})

test('what goes is told with its names', (t) => {
  t.deepEqual(
    told(went).map(({ kind, message }) => [kind, message]),
    [
      [
        'endpoint-disconnected',
        'bbox1 (10.0.0.2, fd00::2) left ov_net1 on host2',
      ],
      [
        'network-removed',
        'network ov_net1 removed (VNI 256, 10.0.0.0/24, fd00::/64)',
      ],
      ['host-freed', 'host2 is no longer in the cluster'],
    ],
  )
})

test('programs find the names in fields of their own', (t) => {
  t.like(told(came)[2], {
    host: 'host2',
    network: 'ov_net1',
    endpoint: 'bbox1',
    address: '10.0.0.2, fd00::2',
  })
})

test('an endpoint of a network that is gone is told with the id', (t) => {
  t.is(told(went, false)[0]?.network, networkId)
})

test('an address is told about when its quarantine ends', (t) => {
  const id = `${networkId}/10.0.0.2`
  const claim = { host: 'host2', endpoint: endpoint.id }
  const released = { ...claim, released: { name: 'bbox1' } }
  const change = { kind: 'address', id } as const
  t.deepEqual(
    told([
      { ...change, before: undefined, after: claim },
      { ...change, before: claim, after: released },
      { ...change, before: released, after: undefined },
    ]).map(({ kind, message }) => [kind, message]),
    [['address-freed', '10.0.0.2 of ov_net1 may be given to others again']],
  )
})

test('a record that only changes is no news', (t) => {
  const after = { ...host, startedAt: '2026-02-02T03:04:00.000Z' }
  t.deepEqual(told([{ kind: 'host', id: 'host2', before: host, after }]), [])
})
