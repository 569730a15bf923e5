import type { ExecutionContext } from 'ava'
import { MemoryBackend } from '../../src/store/memory-backend.js'
import { MemoryStore } from '../../src/store/memory-store.js'
import { leaseContract } from './lease.contract.js'
import { lossContract } from './loss.contract.js'
import type { StoreFixture } from './store-fixture.js'
import { storeContract } from './store.contract.js'

function prepare(t: ExecutionContext): Promise<StoreFixture> {
  const backend = new MemoryBackend()
  return Promise.resolve({
    async open() {
      const store = new MemoryStore(backend)
      t.teardown(() => store.close())
      await store.connect()
      return store
    },
    compact() {
      backend.compact()
      return Promise.resolve()
    },
    backup() {
      const restore = backend.backup()
      return Promise.resolve(() => {
        restore()
        return Promise.resolve()
      })
    },
    clear() {
      backend.clear()
      return Promise.resolve()
    },
  })
}

storeContract('memory', prepare)
leaseContract('memory', prepare)
lossContract('memory', prepare)
