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
/** All in this process, each reading all that the others claim. */
const daemons = 4
/** Docker's way takes minutes for as many; its rate is clear before. */
const bitmapSeconds = 20

const cpuHead = 'Redis CPU ms per 1000'

interface Figures {
  readonly way: string
  readonly addresses: number
  readonly duplicates: number
  readonly lost: number
  readonly perSecond: number
  /** Of redis-server, for a thousand addresses; what else runs counts less. */
  readonly redisCpuMs: number
}

/** Prints a table, then the same as JSON. */
export async function claims(): Promise<void> {
  const own = await measure(claimFirst)
  const docker = await measure(bitmap)
  const table = new Table({
    head: ['', 'addresses', 'given twice', 'attempts lost', '/s', cpuHead],
    style: { head: [], border: [] },
  })
  for (const one of [own, docker]) {
    const { way, addresses, duplicates, lost } = one
    const rates = [one.perSecond.toFixed(0), one.redisCpuMs.toFixed(0)]
    table.push([way, addresses, duplicates, lost, ...rates])
  }
  const ratio = own.perSecond / docker.perSecond
  console.log(`${claimers} claimers x ${each} addresses of one /16`)
  console.log(table.toString())
  const cpuRatio = docker.redisCpuMs / own.redisCpuMs
  console.log(
    `ratio ${ratio.toFixed(1)} in addresses per second, ${cpuRatio.toFixed(1)} in CPU time of Redis`,
  )
  console.log(JSON.stringify({ own, docker, ratio, cpuRatio }))
}

async function claimFirst({ url }: RedisServer): Promise<Result> {
  const race = { subnet: '10.5.0.0/16', gateway: '10.5.0.1' }
  const shares = { daemons, claimers, each }
  const result = await raceForAddresses(url, { ...race, ...shares })
  return { ...result, way: 'overtap: first free of the next', lost: 0 }
}

async function bitmap({ path }: RedisServer): Promise<Result> {
  const race = { claimers, size: 65_536, seconds: bitmapSeconds }
  const result = await raceForBits(path, race)
  return { ...result, way: 'Docker: swap of a bitmap' }
}

interface Result {
  readonly way: string
  readonly addresses: readonly unknown[]
  readonly seconds: number
  readonly lost: number
}

async function measure(
  race: (server: RedisServer) => Promise<Result>,
): Promise<Figures> {
  const server = await RedisServer.launch()
  try {
    const before = await cpuMs(server)
    const { way, addresses, seconds, lost } = await race(server)
    const used = (await cpuMs(server)) - before
    const given = addresses.length
    return {
      way,
      lost,
      addresses: given,
      duplicates: given - new Set(addresses).size,
      perSecond: given / seconds,
      redisCpuMs: (used / given) * 1000,
    }
  } finally {
    await server.remove()
  }
}

/** CPU time of redis-server so far. */
async function cpuMs(server: RedisServer): Promise<number> {
  const info = String(await server.command('INFO', 'cpu'))
  const seconds = ['sys', 'user'].map((kind) => {
    const [, value = '0'] =
      new RegExp(`^used_cpu_${kind}:([\\d.]+)`, 'm').exec(info) ?? []
    return Number(value)
  })
  return seconds.reduce((sum, value) => sum + value, 0) * 1000
}
