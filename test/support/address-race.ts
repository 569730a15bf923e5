import { claimAddresses } from '../../src/node/endpoints/address-claims.js'
import { AddressIndex } from '../../src/node/endpoints/address-index.js'
import { RecordWriter } from '../../src/node/record-writer.js'
import { keys } from '../../src/store/records.js'
import type { Network } from '../../src/store/records.js'
import { RedisStore } from '../../src/store/redis-store.js'
import { Replica } from '../../src/store/replica.js'
import { RecordingLogger } from './recording-logger.js'

/** Who wants addresses of one subnet at the same time. */
export interface Race {
  readonly subnet: string
  readonly gateway: string
  /** Each with its own copy of the records, all in this process. */
  readonly daemons: number
  /** Shared out to the daemons. */
  readonly claimers: number
  /** How many addresses each claims, one after the other. */
  readonly each: number
}

export interface RaceResult {
  /** Without prefix length, in no order. */
  readonly addresses: readonly string[]
  readonly seconds: number
}

interface Contender {
  readonly host: string
  readonly store: RedisStore
  readonly replica: Replica
  readonly writer: RecordWriter
  readonly addresses: AddressIndex
}

/** Claims as daemons do when containers are connected, in a real Redis. */
export async function raceForAddresses(
  url: string,
  race: Race,
): Promise<RaceResult> {
  const contenders = await Promise.all(
    Array.from({ length: race.daemons }, (_, index) => enter(url, index)),
  )
  try {
    const network = networkOf(race)
    await contenders[0]?.writer.commit({
      puts: [{ key: keys.network(network.id), value: network }],
    })
    for (const { replica } of contenders) await replica.hold([network.id])
    const began = performance.now()
    const claimed = await Promise.all(
      Array.from({ length: race.claimers }, (_, index) => {
        const contender = contenders[index % contenders.length]
        if (!contender) throw new Error('a race needs a daemon')
        return claim(contender, network, index, race.each)
      }),
    )
    const seconds = (performance.now() - began) / 1000
    return { addresses: claimed.flat(), seconds }
  } finally {
    for (const { replica, store } of contenders) {
      await replica.stop()
      await store.close()
    }
  }
}

async function enter(url: string, index: number): Promise<Contender> {
  const host = `host${index}`
  const store = new RedisStore({ url, cluster: 'race' })
  await store.connect()
  const replica = new Replica(store, { logger: new RecordingLogger() })
  const addresses = new AddressIndex(replica)
  replica.onChange((changes) => {
    addresses.apply(changes)
  })
  await replica.start()
  const lease = await store.register({
    host,
    owner: host,
    address: `192.168.56.${index}`,
    ttlMs: 3_600_000,
  })
  const writer = new RecordWriter(store, replica, () => lease)
  return { host, store, replica, writer, addresses }
}

async function claim(
  { host, replica: view, writer, addresses: index }: Contender,
  network: Network,
  claimer: number,
  count: number,
): Promise<string[]> {
  const config = { quarantine: 60_000 }
  const parts = { view, writer, addresses: index, config }
  const addresses: string[] = []
  for (let index = 0; index < count; index++) {
    const name = `c${claimer}-${index}`
    const endpoint = `${claimer}-${index}`.padEnd(64, '0')
    const owner = { host, endpoint, name }
    const claimed = await claimAddresses(
      ...([parts, network, owner, undefined, () => undefined] as const),
    )
    for (const { address } of claimed) {
      addresses.push(address.slice(0, address.indexOf('/')))
    }
  }
  return addresses
}

function networkOf({ subnet, gateway }: Race): Network {
  return {
    id: 'a'.repeat(64),
    name: 'race',
    vni: 256,
    subnets: [{ subnet, gateway }],
    internal: false,
    options: {},
    labels: {},
    createdAt: '2026-01-02T03:04:05.000Z',
    createdBy: 'host0',
  }
}
