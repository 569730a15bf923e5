/**
 * A daemon's copy of the records, in a process of its own: tells how long it
 * took and what it weighs, then how old each marked change is when it is seen.
 * Arguments: URL of the store, on how many networks it is (on all). Each message is answered by the ages since the
 * last one.
 */
import { pino } from 'pino'
import { RedisStore } from '../../src/store/redis-store.js'
import { Replica } from '../../src/store/replica.js'

export interface Filled {
  readonly fillMs: number
  /** Processor time of it. */
  readonly cpuMs: number
  /** Of the heap, after a garbage collection. */
  readonly heapBytes: number
}

/** Milliseconds between a change's commit and its arrival here. */
export type Ages = readonly number[]

const [url = '', networks = 'Infinity'] = process.argv.slice(2)
const ages: number[] = []

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Marks are the machine's monotonic clock, the same for all processes. */
function age(mark: string): number {
  return Number(process.hrtime.bigint() - BigInt(mark)) / 1e6
}

const store = new RedisStore({ url, cluster: 'bench' })
const replica = new Replica(store, { logger: pino({ level: 'error' }) })
const before = heapBytes()
const cpuBefore = process.cpuUsage()
const began = performance.now()
await store.connect()
await replica.start()
await replica.hold([...replica.networks.keys()].slice(0, Number(networks)))
const fillMs = performance.now() - began
const { user, system } = process.cpuUsage(cpuBefore)
const cpuMs = (user + system) / 1000
process.send?.({
  fillMs,
  cpuMs,
  heapBytes: heapBytes() - before,
} satisfies Filled)

replica.onChange((changes) => {
  for (const { kind, after } of changes) {
    if (kind === 'endpoint' && after) ages.push(age(after.target))
  }
})
process.on('message', () => {
  process.send?.(ages.splice(0) satisfies Ages)
})
process.once('disconnect', () => {
  void replica.stop().then(() => store.close())
})
