import test from 'ava'
import { EventLog } from '../../../src/node/events/event-log.js'
import { StoreWatch } from '../../../src/node/store-watch.js'
import { MemoryStore } from '../../../src/store/memory-store.js'
import { Replica } from '../../../src/store/replica.js'
import { FakeClock } from '../../support/fake-clock.js'
import { RecordingLogger } from '../../support/recording-logger.js'

test('each change of state is one log line and one event', async (t) => {
  const store = new MemoryStore()
  await store.connect()
  const log = new RecordingLogger()
  const events = new EventLog(new FakeClock())
  let backs = 0
  const onBack = () => {
    backs++
    return Promise.resolve()
  }
  const view = new Replica(store, { logger: log })
  const watch = new StoreWatch({ store, view, events, log, onBack })
  watch.start()

  store.setReachable(false)
  t.is(backs, 0)
  store.setReachable(true)
  t.is(backs, 1)
  watch.stop()
  store.setReachable(false)

  t.deepEqual(
    events.latest(10).map(({ kind }) => kind),
    ['store-lost', 'store-back'],
  )
  t.deepEqual(
    log.lines.map(({ level }) => level),
    ['warn', 'info'],
  )
})
