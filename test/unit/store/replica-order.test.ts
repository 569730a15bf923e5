import test from 'ava'
import type { ExecutionContext } from 'ava'
import { MemoryBackend } from '../../../src/store/memory-backend.js'
import { MemoryStore } from '../../../src/store/memory-store.js'
import { Replica } from '../../../src/store/replica.js'
import type { ChangeBatch } from '../../../src/store/store.js'
import { FakeClock } from '../../support/fake-clock.js'
import { RecordingLogger } from '../../support/recording-logger.js'
import { passUntil, until } from '../../support/until.js'

const claim = { host: 'host2', endpoint: 'e'.repeat(64) }
const network = 'a'.repeat(64)
const key = (ip: string) => `address/${network}/${ip}`

/** A store whose feed comes as the test says. */
class Disorderly extends MemoryStore {
  /** What comes instead of a batch; those before it are known. */
  distort: (
    batch: ChangeBatch,
    before: readonly ChangeBatch[],
  ) => ChangeBatch[] = (batch) => [batch]

  override async *watch(
    ...args: Parameters<MemoryStore['watch']>
  ): AsyncGenerator<ChangeBatch> {
    const before: ChangeBatch[] = []
    for await (const batch of super.watch(...args)) {
      yield* this.distort(batch, before)
      before.push(batch)
    }
  }
}

async function follower(t: ExecutionContext, distort: Disorderly['distort']) {
  const backend = new MemoryBackend()
  const store = new Disorderly(backend)
  store.distort = distort
  await store.connect()
  const logger = new RecordingLogger()
  const clock = new FakeClock()
  const replica = new Replica(store, {
    logger,
    clock,
    settleMs: 0,
  })
  let calls = 0
  replica.onChange(() => calls++)
  await replica.start()
  await replica.hold([network])
  t.teardown(() => replica.stop())
  const addresses = () => [...replica.addresses(network).keys()]
  return { backend, clock, replica, logger, addresses, calls: () => calls }
}

test('an older delete does not remove a newer record', async (t) => {
  const { backend, addresses, replica } = await follower(
    t,
    // Everything comes again after each batch.
    (batch, before) => [batch, ...before],
  )
  backend.commit({ puts: [{ key: key('10.0.0.2'), value: claim }] })
  backend.commit({ deletes: [key('10.0.0.2')] })
  backend.commit({ puts: [{ key: key('10.0.0.2'), value: claim }] })
  backend.commit({ puts: [{ key: key('10.0.0.3'), value: claim }] })

  await until(() => replica.revision === 4)
  await until(() => addresses().length === 2)
  t.is(replica.addresses(network).get('10.0.0.2')?.version, 3)
})

test('what comes twice is told once', async (t) => {
  const { backend, calls, replica } = await follower(t, (batch) => [
    batch,
    batch,
  ])
  const before = calls()
  backend.commit({ puts: [{ key: key('10.0.0.2'), value: claim }] })
  backend.commit({ puts: [{ key: key('10.0.0.3'), value: claim }] })

  await until(() => replica.revision === 2)
  t.is(calls() - before, 2)
})

test('what was left out is found by a snapshot', async (t) => {
  const { backend, clock, addresses, replica, logger } = await follower(
    t,
    (batch) => (batch.revision === 2 ? [] : [batch]),
  )
  for (const ip of ['10.0.0.2', '10.0.0.3', '10.0.0.4']) {
    backend.commit({ puts: [{ key: key(ip), value: claim }] })
  }

  await passUntil(clock, () => replica.revision === 3)
  t.deepEqual(addresses().sort(), ['10.0.0.2', '10.0.0.3', '10.0.0.4'])
  t.deepEqual(logger.messages('warn'), ['taking a new snapshot of the store'])
})
