/**
 * How Docker gave addresses (libnetwork bitseq): the whole subnet is one bitmap
 * under one key; the lowest bit that is clear is set, and the bitmap written
 * back if nobody else did so meanwhile. Here without libnetwork's run-length
 * code, which is small for addresses in sequence: what counts is the race.
 */
import { Redis } from 'ioredis'

const key = 'bitmap'

/** Writes back what was read at an index, unless the index has moved on. */
const compareAndSwap = `
  if redis.call('HGET', KEYS[1], 'index') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'index', ARGV[1] + 1, 'bits', ARGV[2])
  return 1
`

export interface BitmapRace {
  readonly claimers: number
  /** Of the subnet, the reserved ones included. */
  readonly size: number
  /** It ends then, or when all is given. */
  readonly seconds: number
}

export interface BitmapResult {
  readonly addresses: readonly number[]
  readonly seconds: number
  /** Swaps that somebody else was faster at. */
  readonly lost: number
}

export async function raceForBits(
  path: string,
  { claimers, size, seconds }: BitmapRace,
): Promise<BitmapResult> {
  const clients = Array.from({ length: claimers }, () => new Redis({ path }))
  const [first] = clients
  try {
    await first?.hset(key, 'index', 0, 'bits', emptyBitmap(size))
    const addresses: number[] = []
    let lost = 0
    const began = performance.now()
    const end = began + seconds * 1000
    const race = async (client: Redis): Promise<void> => {
      while (performance.now() < end) {
        const outcome = await attempt(client)
        if (outcome === 'full') return
        if (outcome === 'lost') lost += 1
        else addresses.push(outcome)
      }
    }
    await Promise.all(clients.map(race))
    return { addresses, lost, seconds: (performance.now() - began) / 1000 }
  } finally {
    for (const client of clients) client.disconnect()
  }
}

async function attempt(client: Redis): Promise<number | 'full' | 'lost'> {
  const [index, bits] = await client.hmgetBuffer(key, 'index', 'bits')
  if (!index || !bits) throw new Error('the bitmap is gone')
  const ordinal = takeLowest(bits)
  if (ordinal === null) return 'full'
  const swapped = await client.eval(compareAndSwap, 1, key, index, bits)
  return swapped === 1 ? ordinal : 'lost'
}

/** Sets the lowest bit that is clear; null when none is. */
function takeLowest(bits: Buffer): number | null {
  const at = bits.findIndex((byte) => byte !== 0xff)
  const byte = bits[at]
  if (byte === undefined) return null
  const bit = Math.clz32(~(byte << 24))
  bits[at] = byte | (0x80 >> bit)
  return at * 8 + bit
}

/** Network address, gateway and broadcast address are taken. */
function emptyBitmap(size: number): Buffer {
  const bits = Buffer.alloc(size / 8)
  bits[0] = 0b1100_0000
  bits[bits.length - 1] = 1
  return bits
}
