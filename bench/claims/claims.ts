/**
 * How fast addresses of one /16 are given when many want them at once, beside
 * Docker's way of giving them, on the same redis-server with the same number
 * of claimers.
 */
import Table from 'cli-table3'
import { raceForAddresses } from '../../test/support/address-race.js'
import { RedisServer } from '../../test/support/redis-server.js'
import { raceForBits } from './bitmap.js'

const claimers = 64
const each = 900
const daemons = 8
/** Docker's way takes minutes for as many; its rate is clear before. */
const bitmapSeconds = 20

interface Figures {
  readonly way: string
  readonly addresses: number
  readonly duplicates: number
  readonly lost: number
  readonly perSecond: number
}

/** Prints a table, then the same as JSON. */
export async function claims(): Promise<void> {
  const own = await withRedis(claimFirst)
  const docker = await withRedis(bitmap)
  const table = new Table({
    head: ['', 'addresses', 'given twice', 'attempts lost', 'per second'],
    style: { head: [], border: [] },
  })
  for (const one of [own, docker]) {
    const { way, addresses, duplicates, lost, perSecond } = one
    table.push([way, addresses, duplicates, lost, perSecond.toFixed(0)])
  }
  const ratio = own.perSecond / docker.perSecond
  console.log(`${claimers} claimers x ${each} addresses of one /16`)
  console.log(table.toString())
  console.log(`ratio ${ratio.toFixed(1)}`)
  console.log(JSON.stringify({ own, docker, ratio }))
}

async function claimFirst({ url }: RedisServer): Promise<Figures> {
  const { addresses, seconds } = await raceForAddresses(url, {
    subnet: '10.5.0.0/16',
    gateway: '10.5.0.1',
    ...{ daemons, claimers, each },
  })
  return figures('overtap: first free of the next', addresses, seconds, 0)
}

async function bitmap({ path }: RedisServer): Promise<Figures> {
  const { addresses, seconds, lost } = await raceForBits(path, {
    claimers,
    size: 65_536,
    seconds: bitmapSeconds,
  })
  return figures('Docker: swap of a bitmap', addresses, seconds, lost)
}

function figures(
  way: string,
  addresses: readonly unknown[],
  seconds: number,
  lost: number,
): Figures {
  return {
    way,
    addresses: addresses.length,
    duplicates: addresses.length - new Set(addresses).size,
    lost,
    perSecond: addresses.length / seconds,
  }
}

async function withRedis<T>(run: (server: RedisServer) => Promise<T>) {
  const server = await RedisServer.launch()
  try {
    return await run(server)
  } finally {
    await server.remove()
  }
}
