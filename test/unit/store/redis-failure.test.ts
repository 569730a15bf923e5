import test from 'ava'
import { RedisStore } from '../../../src/store/redis-store.js'

/** Nobody listens there. */
const refused = '127.0.0.1:1,127.0.0.1:2'

const cases = {
  [`redis-sentinel://u:secret@${refused}/mymaster`]:
    'no Sentinel at 127.0.0.1:1, 127.0.0.1:2 leads to the master mymaster',
  [`redis-cluster://u:secret@${refused}`]:
    'no node of the Cluster answers at 127.0.0.1:1, 127.0.0.1:2',
  'redis://u:secret@127.0.0.1:1': 'connect ECONNREFUSED 127.0.0.1:1',
}

for (const [url, problem] of Object.entries(cases)) {
  test(`a refused connection says what was tried: ${url}`, async (t) => {
    const store = new RedisStore({ url, cluster: 'c' })
    t.teardown(() => store.close())
    await t.throwsAsync(store.connect(), {
      code: 'STORE_UNAVAILABLE',
      message: `the store cannot be reached: ${problem}`,
    })
  })
}
