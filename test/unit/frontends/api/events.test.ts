import { connect } from 'node:net'
import test from 'ava'
import { EventLog } from '../../../../src/node/events/event-log.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { until } from '../../../support/until.js'
import { serve } from './served.js'

function eventLog(count: number): EventLog {
  const log = new EventLog(new FakeClock())
  for (let i = 1; i <= count; i++) log.record('host-up', `host${i}`)
  return log
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** An event log that tells how many follow it. */
class CountingLog extends EventLog {
  followers = 0

  override onEvent(listener: Parameters<EventLog['onEvent']>[0]): () => void {
    this.followers++
    const forget = super.onEvent(listener)
    return () => {
      this.followers--
      forget()
    }
  }
}

test('the last events are answered, the newest last', async (t) => {
  const { client } = await serve(t, { events: eventLog(30) })
  const twenty = await all(client.events({}))
  t.is(twenty.length, 20)
  t.deepEqual(twenty.at(-1), {
    Sequence: 30,
    Time: '2026-01-01T00:00:00.000Z',
    Kind: 'host-up',
    Message: 'host30',
  })
  const two = await all(client.events({ count: 2 }))
  t.deepEqual(
    two.map(({ Message }) => Message),
    ['host29', 'host30'],
  )
  t.deepEqual(await all(client.events({ count: 0 })), [])
})

test('who follows gets what was and then what happens, once each', async (t) => {
  const events = eventLog(2)
  const { client } = await serve(t, { events })
  const stream = client.events({ follow: true, count: 1 })
  const seen: string[] = []
  for await (const { Message, Host } of stream) {
    seen.push(`${Message} ${Host ?? '-'}`)
    if (seen.length === 3) break
    events.record('host-up', `new${seen.length}`, { host: 'ü' })
  }
  t.deepEqual(seen, ['host2 -', 'new1 ü', 'new2 ü'])
})

test('who follows is forgotten when it goes', async (t) => {
  const events = new CountingLog(new FakeClock())
  const { client } = await serve(t, { events })
  const leaving = new AbortController()
  const following = all(client.events({ follow: true, signal: leaving.signal }))
  await until(() => events.followers === 1)
  leaving.abort()
  t.deepEqual(await following, [])
  await until(() => events.followers === 0)
})

test('what follows ends when the daemon stops, and does not hold it up', async (t) => {
  const events = new CountingLog(new FakeClock())
  const { client, server } = await serve(t, { events })
  const following = all(client.events({ follow: true }))
  await until(() => events.followers === 1)
  await server.stop()
  t.deepEqual(await following, [])
  t.is(events.followers, 0)
})

test('who does not read is cut off', async (t) => {
  const events = new CountingLog(new FakeClock())
  const { socket } = await serve(t, { events })
  const lazy = connect(socket)
  t.teardown(() => lazy.destroy())
  lazy.pause()
  lazy.write('GET /v1/events?follow HTTP/1.1\r\nHost: overtapd\r\n\r\n')
  await until(() => events.followers === 1)

  let recorded = 0
  await until(() => {
    events.record('host-up', 'x'.repeat(10_000))
    recorded++
    return events.followers === 0
  })
  t.true(recorded < 200, `${recorded} events of 10 kB were kept for it`)
})

test('a request that makes no sense is refused', async (t) => {
  const { client } = await serve(t)
  await t.throwsAsync(all(client.events({ count: 1001 })), {
    code: 'REQUEST_INVALID',
  })
})
