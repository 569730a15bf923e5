import test from 'ava'
import { EventLog } from '../../../../src/node/events/event-log.js'
import type { NodeEvent } from '../../../../src/node/events/event-log.js'
import { FakeClock } from '../../../support/fake-clock.js'

test('an event says when, what and about whom', (t) => {
  const log = new EventLog(new FakeClock())
  log.record('host-up', 'host2 is there', { host: 'host2' })
  t.deepEqual(log.latest(10), [
    {
      sequence: 1,
      time: '2026-01-01T00:00:00.000Z',
      kind: 'host-up',
      message: 'host2 is there',
      host: 'host2',
    },
  ])
})

test('the latest events come oldest first', (t) => {
  const log = new EventLog(new FakeClock())
  for (const name of ['a', 'b', 'c']) log.record('host-up', name)
  t.deepEqual(messages(log.latest(2)), ['b', 'c'])
  t.deepEqual(log.latest(0), [])
})

test('old events are forgotten, their numbers are not given again', (t) => {
  const log = new EventLog(new FakeClock())
  for (let i = 1; i <= 1001; i++) log.record('store-lost', String(i))
  const kept = log.latest(5000)
  t.is(kept.length, 1000)
  t.is(kept[0]?.sequence, 2)
  t.is(kept.at(-1)?.sequence, 1001)
})

test('a listener hears what happens until it has enough', (t) => {
  const log = new EventLog(new FakeClock())
  const heard: NodeEvent[] = []
  log.record('host-up', 'before')
  const forget = log.onEvent((event) => heard.push(event))
  log.record('host-up', 'during')
  forget()
  log.record('host-up', 'after')
  t.deepEqual(messages(heard), ['during'])
})

function messages(events: readonly NodeEvent[]): string[] {
  return events.map(({ message }) => message)
}
