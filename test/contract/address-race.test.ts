/** Many want addresses of one subnet at the same time, in a real Redis. */
import { cidrContains } from '../../src/net/cidr.js'
import { raceForAddresses } from '../support/address-race.js'
import { RedisServer, redisServerMissing } from '../support/redis-server.js'
import { testUnless } from '../support/test-unless.js'

testUnless(
  redisServerMissing,
  '16 claimers x 50 addresses: none is given twice, none is left out',
  async (t) => {
    const server = await RedisServer.launch()
    t.teardown(() => server.remove())
    const race = {
      subnet: '10.5.0.0/16',
      gateway: '10.5.0.1',
      daemons: 4,
      claimers: 16,
      each: 50,
    }

    const { addresses } = await raceForAddresses(server.url, race)

    t.is(new Set(addresses).size, 800)
    t.true(addresses.every((address) => cidrContains(race.subnet, address)))
    const expected = Array.from({ length: 800 }, (_, index) => {
      const host = index + 2
      return `10.5.${host >> 8}.${host & 255}`
    })
    t.deepEqual([...addresses].sort(), expected.sort())
  },
)

testUnless(
  redisServerMissing,
  'claimers who want the last addresses of a subnet all get one',
  async (t) => {
    const server = await RedisServer.launch()
    t.teardown(() => server.remove())

    const { addresses } = await raceForAddresses(server.url, {
      subnet: '10.5.0.0/25',
      gateway: '10.5.0.77',
      daemons: 5,
      claimers: 25,
      each: 5,
    })

    t.is(new Set(addresses).size, 125)
    t.false(addresses.includes('10.5.0.77'))
  },
)
