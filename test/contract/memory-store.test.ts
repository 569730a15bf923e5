import { MemoryBackend } from '../../src/store/memory-backend.js'
import { MemoryStore } from '../../src/store/memory-store.js'
import { storeContract } from './store.contract.js'

storeContract('memory', (t) => {
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
    clear() {
      backend.clear()
      return Promise.resolve()
    },
  })
})
