import test from 'ava'
import type { EventsQuery } from '../../../../src/frontends/api/client.js'
import type { EventResponse } from '../../../../src/frontends/api/schema.js'
import { eventsOf, overtap } from './captured.js'

const happened: readonly EventResponse[] = [
  {
    Sequence: 1,
    Time: '2026-01-02T03:04:05.000Z',
    Kind: 'host-up',
    Message: 'host3 is in the cluster',
    Host: 'host3',
  },
  {
    Sequence: 2,
    Time: '2026-01-02T03:04:06.000Z',
    Kind: 'endpoint-disconnected',
    Message: 'bbox2 left ov_net1',
  },
]

const answers = { events: () => eventsOf(happened) }

test('events are lines with time, kind and message', async (t) => {
  const { stdout, code } = await overtap(['events'], answers)
  t.is(code, 0)
  t.is(
    stdout,
    '2026-01-02T03:04:05.000Z  host-up                host3 is in the cluster\n' +
      '2026-01-02T03:04:06.000Z  endpoint-disconnected  bbox2 left ov_net1\n',
  )
})

test('programs get a line of JSON for each event', async (t) => {
  const { stdout } = await overtap(['events', '--json'], answers)
  t.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [...happened],
  )
})

test('the daemon is asked for what was ordered', async (t) => {
  const asked: EventsQuery[] = []
  const events = (query: EventsQuery) => {
    asked.push(query)
    return eventsOf([])
  }
  await overtap(['events'], { events })
  await overtap(['events', '-f', '-n', '5'], { events })
  t.deepEqual(asked[0], { follow: false })
  t.like(asked[1], { follow: true, count: 5 })
  t.true(asked[1]?.signal instanceof AbortSignal)
})

test('a number that makes no sense is refused before the daemon is asked', async (t) => {
  const { code, stderr } = await overtap(['events', '-n', '1001'])
  t.is(code, 2)
  t.regex(stderr, /Expected a number from 0 to 1000/)
})
