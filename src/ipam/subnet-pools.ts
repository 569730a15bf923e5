import { errors } from '../base/errors.js'
import { parseCidr } from '../net/cidr.js'
import type { Cidr } from '../net/cidr.js'
import { ADDRESS_BITS } from '../net/ip.js'
import { subnetAt, subnetCount } from '../net/subnets.js'
import type { Occupied } from './subnets.js'

/** Automatic subnets: equal pieces cut from pools, one after the other. */

export interface Pool {
  readonly base: string
  /** Prefix length of the pieces. */
  readonly size: number
}

/** A run of numbered pieces of one pool; `end` is not in it. */
interface Run {
  readonly pool: Pool
  readonly from: bigint
  readonly end: bigint
}

/**
 * The next free piece at or after `start`, wrapping round behind the last pool,
 * and where to go on next time: like Docker's, a deleted network's subnet does
 * not come back at once. Throws SUBNETS_EXHAUSTED.
 */
export function nextSubnet(
  pools: readonly Pool[],
  start: string,
  occupied: readonly Occupied[],
): { readonly subnet: string; readonly next: string } {
  const ranges = occupied.map(({ prefix }) => parseCidr(prefix))
  for (const run of runsFrom(pools, start)) {
    const index = firstFree(run, ranges)
    if (index === null) continue
    const { base, size } = run.pool
    const subnet = subnetAt(base, size, index)
    return { subnet, next: following(pools, run.pool, index) }
  }
  throw errors.SUBNETS_EXHAUSTED(pools.map(({ base }) => base))
}

/** The first piece of the first pool. */
export function firstSubnet(pools: readonly [Pool, ...Pool[]]): string {
  return subnetAt(pools[0].base, pools[0].size, 0n)
}

/** A `start` that no pool has (the configuration changed) means the beginning. */
function runsFrom(pools: readonly Pool[], start: string): Run[] {
  const all = pools.map((pool) => ({ pool, from: 0n, end: pieces(pool) }))
  const at = parseCidr(start)
  const position = all.findIndex(({ pool }) => isPiece(pool, at))
  const current = all[position]
  if (current === undefined) return all
  const index = indexOf(current.pool, at.network)
  return [
    { ...current, from: index },
    ...all.slice(position + 1),
    ...all.slice(0, position),
    { ...current, end: index },
  ]
}

/** Jumps behind whatever is in the way; null when the run has no free piece. */
function firstFree(run: Run, occupied: readonly Cidr[]): bigint | null {
  const { pool, end } = run
  const { version } = parseCidr(pool.base)
  const rivals = occupied.filter((range) => range.version === version)
  let index = run.from
  while (index < end) {
    const piece = parseCidr(subnetAt(pool.base, pool.size, index))
    const rival = rivals.find(
      ({ network, last }) => network <= piece.last && piece.network <= last,
    )
    if (rival === undefined) return index
    const behind = indexOf(pool, rival.last) + 1n
    index = behind > index ? behind : index + 1n
  }
  return null
}

function following(pools: readonly Pool[], pool: Pool, index: bigint): string {
  if (index + 1n < pieces(pool)) {
    return subnetAt(pool.base, pool.size, index + 1n)
  }
  const next = pools[(pools.indexOf(pool) + 1) % pools.length] ?? pool
  return subnetAt(next.base, next.size, 0n)
}

function isPiece({ base, size }: Pool, at: Cidr): boolean {
  const { version, network, last } = parseCidr(base)
  return (
    at.version === version &&
    at.prefixLength === size &&
    at.network >= network &&
    at.last <= last
  )
}

function indexOf({ base, size }: Pool, address: bigint): bigint {
  const { version, network } = parseCidr(base)
  return (address - network) >> BigInt(ADDRESS_BITS[version] - size)
}

function pieces({ base, size }: Pool): bigint {
  return subnetCount(base, size)
}
